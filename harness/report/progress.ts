/** The live view of a run: the one file here that prints, to the stream that it is given. */
import type { Writable } from "node:stream";
import yoctoSpinner from "yocto-spinner";
import type { Spinner } from "yocto-spinner";
import { type CaseName, formatCase } from "../history/case-name.ts";
import { cut, styleFor } from "./style.ts";
import { expectedPhrase, markOf, seconds, shortServiceOf } from "./phrases.ts";
import type { NotRun, Result } from "./result.ts";

interface ProgressOptions {
  /** What there will be a result of, or turns out not to be run. */
  readonly cases: readonly CaseName[];
  /** False: only lines, nothing that moves. */
  readonly tty: boolean;
  readonly color: boolean;
}

interface Progress extends Disposable {
  started(name: CaseName): void;
  finished(result: Result | NotRun): void;
  /** Takes the spinner away and shows the cursor again; may be called twice. */
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
    // A line that wraps leaves its remains behind when it is redrawn.
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
      // The spinner has hooked the stream: a line that is written appears above it.
      stream.write(`${progressLine(result, view)}\n`);
      update();
    },
    close,
    [Symbol.dispose]: close,
  };
}

interface LineView {
  readonly color: boolean;
  /** How a service is called. */
  readonly service: (of: Result | NotRun) => string;
  readonly widths: { readonly scenario: number; readonly service: number };
}

/** One line per scenario and service as it completes, or turns out not to be run. */
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

/** Names as wide as the widest of the run, so that the lines make columns. */
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
 * By these rules yocto-spinner believes that nothing can move, and prints a line per change; so
 * there it is not used at all.
 */
function moves(stream: Writable): boolean {
  const interactive = "isTTY" in stream && stream.isTTY === true;
  return interactive && process.env["TERM"] !== "dumb" && !("CI" in process.env);
}

/** Its own signal handler would call process.exit before anything that was started is stopped. */
function spinnerOn(stream: Writable): Spinner {
  return yoctoSpinner({ stream, handleSignals: false });
}
