/**
 * The watchdog's process, started by watchdog.ts. When its standard input ends, the harness is
 * gone. It opens no port, has no terminal, and does not carry the run's marker.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { removeSharedMemory } from "../shared-memory.ts";
import type { WatchdogOrder } from "./watchdog.ts";
import { carriersOf, everyProcess, lives, livingProcess, signalExactly } from "./process-table.ts";
import type { Living } from "./process-table.ts";
import { removeContainers } from "./remove-containers.ts";
import type { EngineAddress } from "./remove-containers.ts";

const lineagePollMs = 500;
/** After npm died the harness has this time to end by itself. */
const harnessGraceMs = 3_000;
/** The time Postgres has after SIGQUIT; then its children get SIGKILL, and it a second later. */
const postgresGraceMs = 3_000;
/** After this time the watchdog gives up and ends. */
const sweepBoundMs = 15_000;
const sweepPollMs = 10;

const order = JSON.parse(process.argv[2] ?? "") as WatchdogOrder;
const harness = livingProcess(order.harness);
/** Children of the harness, reported with "adopt". */
const adopted: Living[] = [];
let engine: EngineAddress | null = null;
let finishing = false;

process.title = "threadproof watchdog";
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.stdout.on("error", () => {}); // the harness, its reader, may be gone

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const [word, pid, started] = line.split(" ");
  if (word === "adopt") adopt(Number(pid), started);
  if (word === "reap") engine = JSON.parse(line.slice("reap ".length)) as EngineAddress;
});
// The harness died or disposed of the watchdog: either way the clean-up begins.
lines.on("close", () => void finish());
process.stdin.on("error", () => void finish());
watchLineage(order.belowNpm && harness !== null ? lineageOf(harness) : []);
process.stdout.write("ready\n");

/**
 * Accepts only the child that the harness reported, not a process that reuses its pid. The parent
 * alone does not prove that: the harness may have died since it wrote the line.
 */
function adopt(pid: number, started: string | undefined): void {
  const child = livingProcess(pid);
  if (child === null) return;
  if (child.started === started || child.parent === order.harness) adopted.push(child);
}

/** The processes from the harness's parent up to npm, the first that npm did not start itself. */
function lineageOf(one: Living): Living[] {
  const startedByNpm = carriersOf("npm_lifecycle_event", null);
  const chain: Living[] = [];
  for (let above = livingProcess(one.parent); above !== null && above.pid > 1;) {
    chain.push(above);
    if (!startedByNpm.has(above.pid)) break;
    above = livingProcess(above.parent);
  }
  return chain;
}

function watchLineage(chain: readonly Living[]): void {
  let askedAt: number | null = null;
  const timer = setInterval(() => {
    if (harness === null || !lives(harness)) {
      // The pipe closes too, unless another process inherited its other end.
      clearInterval(timer);
      void finish();
    } else if (askedAt === null && !chain.every(lives)) {
      askedAt = performance.now();
      signalExactly(harness, "SIGTERM");
    } else if (askedAt !== null && performance.now() - askedAt >= harnessGraceMs) {
      signalExactly(harness, "SIGKILL");
    }
  }, lineagePollMs);
}

async function finish(): Promise<never> {
  if (finishing) return new Promise<never>(() => {});
  finishing = true;
  const ended = await endLeftovers();
  if (engine !== null) ended.push(...(await removeContainers(engine, order.run)));
  for (const folder of order.folders) removeFolder(folder);
  await new Promise((resolve) => process.stdout.write(JSON.stringify(ended), resolve));
  process.exit(0);
}

/** Ends the leftovers in rounds: a process may start another before it gets the signal. */
async function endLeftovers(): Promise<string[]> {
  const ended = new Map<string, string>();
  const begin = performance.now();
  for (;;) {
    const remains = findLeftovers();
    const elapsedMs = performance.now() - begin;
    if (remains.size === 0 || elapsedMs > sweepBoundMs) return [...ended.values()];
    for (const one of remains.values()) {
      const key = `${one.pid} ${one.started}`;
      const first = !ended.has(key);
      ended.set(key, `${one.pid} ${one.name}`);
      endOne(one, remains.get(one.parent)?.name === "postgres", first, elapsedMs);
    }
    await delay(sweepPollMs);
  }
}

function endOne(one: Living, isBackend: boolean, first: boolean, elapsedMs: number): void {
  if (one.name !== "postgres") {
    signalExactly(one, "SIGKILL");
  } else if (elapsedMs > postgresGraceMs + (isBackend ? 0 : 1_000)) {
    signalExactly(one, "SIGKILL");
  } else if (first) {
    // The server ends its own children and removes its shared memory. A stopped server needs
    // SIGCONT for that: a stopped process handles no signal but SIGKILL.
    if (!isBackend) signalExactly(one, "SIGQUIT");
    signalExactly(one, "SIGCONT");
  }
}

/** Processes with the marker and adopted ones, with their descendants, groups and sessions. */
function findLeftovers(): Map<number, Living> {
  const table = everyProcess().filter(({ pid }) => pid !== process.pid && pid !== order.harness);
  const marked = carriersOf("THREADPROOF_RUN", order.run);
  const isAdopted = (one: Living) =>
    adopted.some(({ pid, started }) => pid === one.pid && started === one.started);
  const found = new Map<number, Living>();
  for (const one of table) if (marked.has(one.pid) || isAdopted(one)) found.set(one.pid, one);
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const one of table) {
      // A group and a session have the pid of their leader.
      if ([one.parent, one.group, one.session].some((id) => found.has(id))) found.set(one.pid, one);
    }
  }
  return found;
}

function removeFolder(folder: string): void {
  try {
    // A killed server that was not started again left its segment behind.
    for (const name of readdirSync(folder)) removeSharedMemory(join(folder, name, "data"));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // Best effort: the harness is gone, so there is no place to report an error.
  }
}
