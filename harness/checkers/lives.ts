import { entriesOf, type EntryOf, type History } from "../history/history.ts";

/** One life of a replica: from its start to its exit or next start. Compared by identity. */
export interface Life {
  readonly replica: string;
  /** Its place among the lives of the replica, from 0. */
  readonly ordinal: number;
  /** `seq` at which it begins; 0 if the replica was there before the history began. */
  readonly from: number;
  /** Null if the history has no start of it. */
  readonly start: EntryOf<"replica.start"> | null;
  readonly ready: EntryOf<"replica.ready"> | null;
  readonly unready: EntryOf<"replica.unready"> | null;
  readonly signals: readonly EntryOf<"replica.signal">[];
  readonly exit: EntryOf<"replica.exit"> | null;
  /** `seq` at which the next life of this replica begins; Infinity in its last. */
  readonly until: number;
}

type Draft = { -readonly [K in keyof Life]: Life[K] } & { signals: EntryOf<"replica.signal">[] };

/** All lives, in the order they began. */
export function livesOf(history: History): Life[] {
  const lives: Draft[] = [];
  const current = new Map<string, Draft>();

  function begin(replica: string, seq: number): Draft {
    const before = current.get(replica);
    if (before !== undefined) before.until = seq;
    const life = { ...unseen(replica), signals: [], ordinal: (before?.ordinal ?? -1) + 1 };
    if (before !== undefined) life.from = seq;
    current.set(replica, life);
    lives.push(life);
    return life;
  }

  for (const entry of history.entries) {
    switch (entry.kind) {
      case "replica.start": {
        const life = begin(entry.replica, entry.seq);
        life.start = entry;
        life.from = entry.seq;
        break;
      }
      case "replica.ready": {
        const life = current.get(entry.replica);
        // Ready after an exit, without a start: something else restarted it (a container's policy).
        const mine =
          life === undefined || life.exit !== null ? begin(entry.replica, entry.seq) : life;
        mine.ready ??= entry;
        break;
      }
      case "replica.unready":
        // It may come before or after the exit that explains it, and never begins a life.
        (current.get(entry.replica) ?? begin(entry.replica, entry.seq)).unready ??= entry;
        break;
      case "replica.signal":
        (current.get(entry.replica) ?? begin(entry.replica, entry.seq)).signals.push(entry);
        break;
      case "replica.exit":
        (current.get(entry.replica) ?? begin(entry.replica, entry.seq)).exit ??= entry;
        break;
      default: // says nothing about a life
    }
  }
  return lives;
}

/** A life of which the history says nothing. */
function unseen(replica: string): { -readonly [K in keyof Life]: Life[K] } {
  return {
    ...{ replica, ordinal: 0, from: 0, until: Infinity },
    ...{ start: null, ready: null, unready: null, signals: [], exit: null },
  };
}

/** `seq` of its exit, or of the next start; Infinity while it lives. */
export function endOf({ exit, until }: Life): number {
  return Math.min(exit?.seq ?? Infinity, until);
}

export type LifeAt = (replica: string | null, seq: number) => Life | null;

/** Finds the life of a replica at a moment. A replica that the history never mentions has one. */
export function lifeAtOf(history: History): LifeAt {
  const byReplica = Map.groupBy(livesOf(history), ({ replica }) => replica);
  return (replica, seq) => {
    if (replica === null) return null;
    const lives = byReplica.get(replica);
    if (lives) return lives.findLast(({ from }) => from <= seq) ?? lives[0] ?? null;
    const only = unseen(replica);
    byReplica.set(replica, [only]);
    return only;
  };
}

/** A time span of a replica. */
export interface Time {
  readonly replica: string;
  /** `seq` */
  readonly from: number;
  /** `seq`; Infinity: it did not end. */
  readonly until: number;
}

/** The lives of replicas whose clock was ahead. */
export function livesAhead(history: History): Time[] {
  return livesOf(history).flatMap((life) => {
    const { replica, start } = life;
    if (start?.clockAheadMs === undefined) return [];
    return [{ replica, from: start.seq, until: life.exit?.seq ?? life.until }];
  });
}

/** The times in which a replica was alive and the others could not see it: paused, or cut off. */
export function absencesIn(history: History): Time[] {
  const pauses = livesOf(history).flatMap(({ replica, signals, exit }) =>
    signals
      .filter(({ signal }) => signal === "SIGSTOP")
      .map(({ seq: from }) => {
        const on = signals.find(({ signal, seq }) => signal === "SIGCONT" && seq > from);
        return { replica, from, until: on?.seq ?? exit?.seq ?? Infinity };
      }),
  );
  const ends = entriesOf(history, "fault.end");
  const cuts = entriesOf(history, "fault.begin").flatMap(({ replica, stops, fault, seq: from }) => {
    if (stops !== "network" || replica === null) return [];
    const until = ends.find((end) => end.fault === fault)?.seq ?? Infinity;
    return [{ replica, from, until }];
  });
  return [...pauses, ...cuts];
}

/** How a process ended, in words: "code 1", "signal SIGKILL". */
export function exitInWords(exit: EntryOf<"replica.exit">): string {
  return exit.signal === null ? `code ${exit.code ?? "unknown"}` : `signal ${exit.signal}`;
}
