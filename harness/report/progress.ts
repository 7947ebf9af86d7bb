/** The live view of a run. Only this file of the folder prints, to a given stream. */
import type { Writable } from "node:stream";
import yoctoSpinner from "yocto-spinner";
import type { Spinner } from "yocto-spinner";
import { type CaseName, formatCase } from "../history/case-name.ts";
import { cut, styleFor } from "./style.ts";
import { expectedPhrase, markOf, seconds, shortServiceOf } from "./phrases.ts";
import type { NotRun, Result } from "./result.ts";

interface ProgressOptions {
  /** The cases that will have a result or a reason for not running. */
  readonly cases: readonly CaseName[];
  /** False: prints only lines, without a spinner. */
  readonly tty: boolean;
  readonly color: boolean;
}

interface Progress extends Disposable {
  started(name: CaseName): void;
  finished(result: Result | NotRun): void;
  /** Removes the spinner and shows the cursor again. Idempotent. */
  close(): void;
}

export function openProgress(
  stream: Writable & { readonly columns?: number },
  { cases, tty, color }: ProgressOptions,
): Progress {
  const total = cases.length;
  const view = { color, ...columnsOf(cases) };
  const begun = performance.now();
  const running: string[] = [];
  let done = 0;
  const spinner = tty && moves(stream) ? spinnerOn(stream) : null;
  const update = (): void => {
    if (!spinner) return;
    const elapsed = seconds(performance.now() - begun);
    const now = running.join(", ") || (done === 0 ? "starting" : "…");
    const text = `${done} of ${total} · ${elapsed} · ${now}`;
    // A wrapped line would leave remains on the screen when it is redrawn.
    spinner.text = cut(text, (stream.columns || 80) - 3);
  };
  const clock = spinner ? setInterval(update, 100).unref() : null;
  spinner?.start();
  update();
  const close = (): void => {
    if (clock) clearInterval(clock);
    spinner?.stop();
  };
  return {
    started(name) {
      running.push(formatCase(name));
      update();
    },
    finished(result) {
      const index = running.indexOf(formatCase(result));
      if (index >= 0) running.splice(index, 1);
      done += 1;
      // The spinner intercepts the stream, so that lines appear above it.
      stream.write(`${progressLine(result, view)}\n`);
      update();
    },
    close,
    [Symbol.dispose]: close,
  };
}

interface LineView {
  readonly color: boolean;
  /** The name of a service. */
  readonly service: (of: Result | NotRun) => string;
  readonly widths: { readonly scenario: number; readonly service: number };
}

/** The line of a scenario on a service, printed when it has completed or is skipped. */
export function progressLine(of: Result | NotRun, { color, service, widths }: LineView): string {
  const style = styleFor(color);
  const name = `${of.scenario.padEnd(widths.scenario)} ${service(of).padEnd(widths.service)}`;
  if ("reason" in of) return style("dim", `– ${name}         not run: ${of.reason}`);
  const { kind } = of.verdict;
  const kinds = of.diagnoses.map((diagnosis) => diagnosis.kind).join(", ");
  const shade = of.asExpected ? shadeOf[kind] : "red";
  const wrong = `NOT AS EXPECTED: expected ${expectedPhrase(of.expected)}`;
  return [
    style(shade, markOf[kind]),
    name,
    seconds(of.durationMs).padStart(8),
    style(shade, kinds === "" ? kind : `${kind}: ${kinds}`),
    of.asExpected
      ? style("dim", kind === "holds" ? "" : "(as expected)")
      : style(["bold", "red"], wrong),
  ]
    .join(" ")
    .trimEnd();
}

const shadeOf = { holds: "green", violated: "yellow", inconclusive: "cyan" } as const;

/** Pads names to the widest of the run, so that the lines form columns. */
function columnsOf(cases: ProgressOptions["cases"]) {
  const service = shortServiceOf(cases);
  const widest = (names: readonly string[]) => Math.max(0, ...names.map((name) => name.length));
  const widths = {
    scenario: widest(cases.map((it) => it.scenario)),
    service: widest(cases.map(service)),
  };
  return { service, widths };
}

/**
 * Whether the stream can show a spinner. On other streams yocto-spinner prints a line per change,
 * so we do not use it there. The rules are those of yocto-spinner.
 */
function moves(stream: Writable): boolean {
  const interactive = "isTTY" in stream && stream.isTTY === true;
  return interactive && process.env["TERM"] !== "dumb" && !("CI" in process.env);
}

/** The spinner's own signal handler would end the process before the run has stopped replicas. */
function spinnerOn(stream: Writable): Spinner {
  return yoctoSpinner({ stream, handleSignals: false });
}
