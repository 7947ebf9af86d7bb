import { entriesOf, type EntryOf, type History } from "../../history/history.ts";
import { faultsIn } from "./terms.ts";

/** One act of a scenario, and the acts that must end before it. */
export interface ScheduledAct {
  readonly act: number;
  readonly of: string;
  readonly does: string;
  readonly with: readonly unknown[];
  /** Acts that ended since the previous act began: this one waits for them. */
  readonly after: readonly number[];
  /** Null: the act had not ended at the end of the workload. */
  readonly end: EntryOf<"act.end"> | null;
  /** The first replica that served it; null: no replica did, or the act sends no request. */
  readonly served: string | null;
}

/** The acts of a run in order: workload, routing and faults, without times. */
export interface Schedule {
  readonly acts: readonly ScheduledAct[];
  /** Acts that ended between the start of the last one and the end of the workload. */
  readonly last: readonly number[];
}

export function scheduleOf(history: History): Schedule {
  const over = overAt(history);
  const ends = entriesOf(history, "act.end").filter(({ seq }) => seq < over);
  const served = servedIn(history);
  let before = 0;
  const acts = entriesOf(history, "act").map(({ seq, act, of, does, with: given }) => {
    const since = before;
    before = seq;
    const after = ends.filter((end) => end.seq > since && end.seq < seq).map((end) => end.act);
    const end = ends.find((it) => it.act === act) ?? null;
    return { act, of, does, with: given, after, end, served: served.get(act) ?? null };
  });
  return { acts, last: ends.filter(({ seq }) => seq > before).map(({ act }) => act) };
}

/** The `seq` at which the workload ended; Infinity: the run was not completed. */
function overAt(history: History): number {
  const healing = entriesOf(history, "phase").find(({ phase }) => phase === "healing");
  return healing?.seq ?? Infinity;
}

/** The replica that served each act, even if the ingress chose it. */
function servedIn(history: History): Map<number, string> {
  const acts = new Map<string, number>();
  const served = new Map<number, string>();
  for (const entry of history.entries) {
    if (entry.kind === "attempt.begin" && entry.act !== undefined) {
      acts.set(entry.attempt, entry.act);
    }
    if (entry.kind === "read.begin" && entry.act !== undefined) acts.set(entry.read, entry.act);
    if (entry.kind !== "attempt.end" && entry.kind !== "read.end") continue;
    const act = acts.get(entry.kind === "attempt.end" ? entry.attempt : entry.read);
    if (act === undefined || entry.replica === null || served.has(act)) continue;
    served.set(act, entry.replica);
  }
  return served;
}

/** Whether the run was completed: only then its verdict is known. */
export function isWhole(history: History): boolean {
  return entriesOf(history, "phase").some(({ phase }) => phase === "final");
}

/**
 * The reasons why a record cannot be replayed, one sentence each; empty: it can. `known`: whether
 * threadproof has a fault of that kind.
 */
export function obstacles(history: History, known: (fault: string) => boolean): string[] {
  if (!entriesOf(history, "phase").some(({ phase }) => phase === "workload")) {
    return ["its workload never began, so a replay has nothing to repeat"];
  }
  const { acts } = scheduleOf(history);
  if (acts.length === 0)
    return ["it has no acts: a version of threadproof without replay wrote it"];
  return acts.flatMap((act) =>
    faultsIn(act.with)
      .filter((kind) => !known(kind))
      .map((kind) => `${actInWords(act)}: threadproof has no fault "${kind}"`),
  );
}

/** "act 12, c3.say "search, then book" on replica a". */
export function actInWords({
  act,
  of,
  does,
  with: given,
}: Pick<ScheduledAct, "act" | "of" | "does" | "with">): string {
  const words = given.flatMap(argumentInWords);
  return `act ${act}, ${of}.${does}${words.length === 0 ? "" : ` ${words.join(", ")}`}`;
}

function argumentInWords(it: unknown): string[] {
  if (typeof it === "string") return [JSON.stringify(it.length > 40 ? `${it.slice(0, 40)}…` : it)];
  if (typeof it === "number" || typeof it === "boolean") return [String(it)];
  if (typeof it !== "object" || it === null) return [];
  if ("$" in it) return [String(it.$)];
  if ("$turn" in it && Array.isArray(it.$turn)) return [`message ${it.$turn[1]} of ${it.$turn[0]}`];
  if ("$fault" in it && "from" in it)
    return [[String(it.$fault), ...argumentInWords(it.from)].join(" ")];
  return Array.isArray(it)
    ? it.flatMap(argumentInWords)
    : Object.values(it).flatMap(argumentInWords);
}
