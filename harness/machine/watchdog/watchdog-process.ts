/**
 * The watchdog's own process; watchdog.ts starts it. Standard input is the pipe whose end means
 * that the harness is gone. It opens no port, holds no terminal, and carries no marker.
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
/** From the death of npm: how long the harness has to end by itself. */
const harnessGraceMs = 3_000;
/** From SIGQUIT: how long Postgres has; its children get SIGKILL then, and it a second later. */
const postgresGraceMs = 3_000;
/** After this the watchdog gives up and ends: it must not outlive its work. */
const sweepBoundMs = 15_000;
const sweepPollMs = 10;

const order = JSON.parse(process.argv[2] ?? "") as WatchdogOrder;
const harness = livingProcess(order.harness);
/** Children of the harness, as it named them. */
const adopted: Living[] = [];
let engine: EngineAddress | null = null;
let finishing = false;

process.title = "threadproof watchdog";
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.stdout.on("error", () => {}); // nobody reads it any more

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const [word, pid, started] = line.split(" ");
  if (word === "adopt") adopt(Number(pid), started);
  if (word === "reap") engine = JSON.parse(line.slice("reap ".length)) as EngineAddress;
});
// The harness died, or is done with everything: what is left is looked for either way.
lines.on("close", () => void finish());
process.stdin.on("error", () => void finish());
watchLineage(order.belowNpm && harness !== null ? lineageOf(harness) : []);
process.stdout.write("ready\n");

/**
 * Only the very child that the harness meant: a pid that was given to somebody else meanwhile is
 * not. Its parent alone does not tell, because the harness may have died since it wrote the line.
 */
function adopt(pid: number, started: string | undefined): void {
  const child = livingProcess(pid);
  if (child === null) return;
  if (child.started === started || child.parent === order.harness) adopted.push(child);
}

/** The processes from the harness's parent up to npm: the first that npm did not start. */
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
      // The pipe says so too, unless somebody inherited its other end.
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
  const ended = await endWhatIsLeft();
  if (engine !== null) ended.push(...(await removeContainers(engine, order.run)));
  for (const folder of order.folders) removeFolder(folder);
  await new Promise((resolve) => process.stdout.write(JSON.stringify(ended), resolve));
  process.exit(0);
}

/** Ends all that is left, again and again: a process may start another between look and signal. */
async function endWhatIsLeft(): Promise<string[]> {
  const ended = new Map<string, string>();
  const begin = performance.now();
  for (;;) {
    const remains = whatIsLeft();
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
    // The server ends its own children, and then leaves no shared memory. A stopped one has to
    // be continued for it: of all signals only SIGKILL reaches a stopped process.
    if (!isBackend) signalExactly(one, "SIGQUIT");
    signalExactly(one, "SIGCONT");
  }
}

/** Who carries the marker or was adopted; and their descendants, groups and sessions. */
function whatIsLeft(): Map<number, Living> {
  const table = everyProcess().filter(({ pid }) => pid !== process.pid && pid !== order.harness);
  const marked = carriersOf("THREADPROOF_RUN", order.run);
  const isAdopted = (one: Living) =>
    adopted.some(({ pid, started }) => pid === one.pid && started === one.started);
  const found = new Map<number, Living>();
  for (const one of table) if (marked.has(one.pid) || isAdopted(one)) found.set(one.pid, one);
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const one of table) {
      // A group and a session have the number of their leader, who lives and is one of them.
      if ([one.parent, one.group, one.session].some((id) => found.has(id))) found.set(one.pid, one);
    }
  }
  return found;
}

function removeFolder(folder: string): void {
  try {
    // A server that had been killed, and not started again, left its segment behind.
    for (const name of readdirSync(folder)) removeSharedMemory(join(folder, name, "data"));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // It is gone already, or it is not ours any more: there is nobody left to tell.
  }
}
