import type { EntryOf, History } from "../history/history.ts";

/** One life of a replica: from its start, through ready or unready, to its exit or next start. */
export interface Life {
  readonly replica: string;
  /** Null where the history begins with a replica that was already there. */
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
    const life: Draft = {
      replica,
      start: null,
      ready: null,
      unready: null,
      signals: [],
      exit: null,
      until: Infinity,
    };
    current.set(replica, life);
    lives.push(life);
    return life;
  }

  for (const entry of history.entries) {
    switch (entry.kind) {
      case "replica.start":
        begin(entry.replica, entry.seq).start = entry;
        break;
      case "replica.ready": {
        const life = current.get(entry.replica);
        // Ready after an exit, without a start: somebody else started it (a container's policy).
        const mine =
          life === undefined || life.exit !== null ? begin(entry.replica, entry.seq) : life;
        mine.ready ??= entry;
        break;
      }
      case "replica.unready":
        // Recorded before or after the exit that explains it: never a life of its own.
        (current.get(entry.replica) ?? begin(entry.replica, entry.seq)).unready ??= entry;
        break;
      case "replica.signal":
        (current.get(entry.replica) ?? begin(entry.replica, entry.seq)).signals.push(entry);
        break;
      case "replica.exit":
        (current.get(entry.replica) ?? begin(entry.replica, entry.seq)).exit ??= entry;
        break;
      default: // says nothing of a life
    }
  }
  return lives;
}

/** A time of a replica, from one entry to another. */
export interface Time {
  readonly replica: string;
  /** `seq` */
  readonly from: number;
  /** Infinity: to the end. */
  readonly until: number;
}

/** The lives of replicas whose clock was ahead. */
export function livesAhead(history: History): Time[] {
  return livesOf(history).flatMap(({ replica, start, exit, until }) =>
    start?.clockAheadMs === undefined
      ? []
      : [{ replica, from: start.seq, until: exit?.seq ?? until }],
  );
}

/** The times for which a replica stood still. */
export function pausesIn(history: History): Time[] {
  return livesOf(history).flatMap(({ replica, signals, exit }) =>
    signals
      .filter(({ signal }) => signal === "SIGSTOP")
      .map(({ seq: from }) => {
        const on = signals.find(({ signal, seq }) => signal === "SIGCONT" && seq > from);
        return { replica, from, until: on?.seq ?? exit?.seq ?? Infinity };
      }),
  );
}

/** How a process ended, in words: "code 1", "signal SIGKILL". */
export function exitInWords(exit: EntryOf<"replica.exit">): string {
  return exit.signal === null ? `code ${exit.code ?? "unknown"}` : `signal ${exit.signal}`;
}
