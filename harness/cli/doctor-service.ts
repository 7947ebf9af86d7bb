import { randomInt } from "node:crypto";
import { tmpdir } from "node:os";
import type { BackendName } from "../deployment/backends.ts";
import { examine, type PartFinding } from "../doctor/service/examination.ts";
import { type Outlook, outlookOf } from "../doctor/service/outlook.ts";
import type { RunResources } from "../engine/resources.ts";
import { Hooks, type HooksOptions } from "../deployment/url/hooks.ts";
import { styleFor, wrap } from "../report/style.ts";
import type { Target } from "../config/configuration.ts";
import { openDatabase } from "../deployment/database-template.ts";
import { colorOn, openCommandSession } from "./command-session.ts";
import { UserError } from "./user-error.ts";
import { loadConfig, loadScenariosFor } from "./load-config.ts";

export interface DoctorFlags {
  readonly backend: BackendName;
  readonly target?: string;
  readonly config?: string;
  readonly databaseUrl?: string;
  readonly testDatabase?: boolean;
  readonly allowHooks?: boolean;
  readonly json?: boolean;
}

interface Named {
  readonly name: string;
  readonly definition: Target;
}

/** Tests each part of a target, and shows what a run could do. */
export async function doctorTarget(flags: DoctorFlags): Promise<void> {
  const loaded = await loadConfig(flags.config ?? null);
  const { configuration, folder } = loaded;
  const target = chosen(configuration.targets, flags.target);
  const scenarios = await loadScenariosFor(loaded);
  // The doctor runs no destructive hook, so the user has nothing to confirm.
  const session = await openCommandSession(flags, {
    ...{ loaded, targets: [target.definition], confirm: new Map() },
  });
  const view = flags.json === true ? silent : lines();
  view.begin(target);
  const { all, outlook } = await session.withResources(async (resources, over) => {
    const hooks = hooksOf(target.definition, {
      folder,
      allow: configuration.allow,
      scratch: tmpdir(),
    });
    const all = await examine({ ...optionsOf(target, resources, view, over), hooks });
    const ran = resources.backendOf(target.definition);
    return { all, outlook: outlookOf(target.definition, ran, scenarios, all) };
  });
  const isFine = all.every(({ finding }) => finding.state !== "broken");
  if (flags.json === true) {
    const parts = all.map(({ part, finding }) => ({ part, ...finding }));
    const output = { target: target.name, works: isFine, parts, ...outlook };
    process.stdout.write(`${JSON.stringify(output, null, 2)}\n`);
  } else printOutlook(outlook);
  process.exitCode = isFine ? 0 : 1;
}

function chosen(targets: Readonly<Record<string, Target>>, wanted: string | undefined): Named {
  const names = Object.keys(targets);
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    throw new UserError("usage", `which target? Use --target with one of ${names.join(", ")}`);
  }
  const definition = targets[name];
  if (definition !== undefined) return { name, definition };
  throw new UserError("usage", `no target "${name}"; targets: ${names.join(", ")}`);
}

function hooksOf(target: Target, options: HooksOptions): Hooks | null {
  return target.kind === "url" ? new Hooks(target.hooks, options) : null;
}

function optionsOf(target: Named, resources: RunResources, view: View, over: AbortSignal) {
  const backend = resources.backendOf(target.definition);
  return {
    name: target.name,
    target: target.definition,
    backend,
    seed: randomInt(2 ** 31),
    over,
    openDatabase: async (of: "template" | "nothing") =>
      openDatabase(of, { backend, cluster: resources.cluster, target }),
    onStart: view.start,
    onFinding: view.show,
  };
}

interface View {
  begin(target: Named): void;
  start(part: string): void;
  show(result: PartFinding): void;
}

const silent: View = { begin() {}, start() {}, show() {} };

const column = 16;
const isTerminal = process.stdout.isTTY && !("CI" in process.env);
const style = styleFor(colorOn(process.stdout));

/** A line per part as soon as it is known; on a terminal the current part is the last line. */
function lines(): View {
  return {
    begin: ({ name, definition }) => console.log(`Target ${name} (${definition.kind})\n`),
    start(part) {
      if (isTerminal) process.stdout.write(`  ${part} …`);
    },
    show({ part, finding: { state, says } }) {
      if (isTerminal) process.stdout.write("\r\u001b[2K");
      const mark = { works: style("green", "✔"), broken: style("red", "✘"), open: "–" }[state];
      print(`${mark} ${part.padEnd(column)}`, column + 2, says);
    },
  };
}

function printOutlook({ capabilities, runs, notRun }: Outlook): void {
  console.log();
  print("capabilities".padEnd(column + 2), column + 2, capabilities.join(", ") || "nothing");
  const [count, all] = [runs.length, runs.length + notRun.length];
  print(`will run ${count} of ${all}`.padEnd(column + 2), column + 2, runs.join(", ") || "none");
  for (const [reason, those] of Map.groupBy(notRun, (it) => it.reason)) {
    console.log();
    print("will not run".padEnd(column + 2), column + 2, those.map((it) => it.scenario).join(", "));
    print(" ".repeat(column + 2), column + 2, reason);
  }
}

/** Prints a head, and the text in a column beside it. */
function print(head: string, indent: number, text: string): void {
  const [first = "", ...others] = wrap(text, Math.min(process.stdout.columns ?? 100, 100) - indent);
  console.log(`${head}${first}`);
  for (const line of others) console.log(" ".repeat(indent) + line);
}
