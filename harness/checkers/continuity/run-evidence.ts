/** The whole run, as hypotheses look at it: who saw and did what, what disturbed it, and when. */
import { entriesOf } from "../../history/history.ts";
import type { EntryOf, History } from "../../history/history.ts";
import type { Token } from "../../history/token.ts";
import { absencesIn, type Life, type LifeAt, lifeAtOf, livesAhead } from "../lives.ts";
import type { Time } from "../lives.ts";
import { conflictsOf } from "./conflicts.ts";
import type { Disagreement, FlawedRead } from "./facts.ts";
import { flawsOf, registerOf } from "./integrity.ts";
import { makersOf, type Observation, observationsOf, Sharing } from "./observations.ts";
import type { ThreadOperations, Write } from "./operation.ts";
import type { Operations } from "./operations.ts";

/** A time span, by `seq`, in which something was wrong that the harness did. */
export interface Disturbance {
  readonly name: string;
  readonly from: number;
  /** Infinity: it did not end. */
  readonly until: number;
  /** It hit the database or the way to it. */
  readonly ofDatabase: boolean;
}

export class Evidence {
  readonly history: History;
  readonly operations: Operations;
  readonly sharing = new Sharing();
  /** The times in which a replica was paused or cut off. */
  readonly absences: readonly Time[];
  /** The times in which the clock of a replica was ahead. */
  readonly ahead: readonly Time[];
  readonly disturbances: readonly Disturbance[];
  readonly experiments: readonly EntryOf<"experiment">[];
  /** Statements that delete rows, as they were executed. */
  readonly deletes: readonly EntryOf<"statement">[];
  readonly #lifeAt: LifeAt;
  readonly #observations = new Map<ThreadOperations, readonly Observation[]>();
  readonly #disagreements = new Map<ThreadOperations, readonly Disagreement[]>();
  readonly #flaws = new Map<ThreadOperations, readonly FlawedRead[]>();
  readonly #makers = new Map<Token, Life>();
  readonly #exits: readonly EntryOf<"replica.exit">[];

  constructor(history: History, operations: Operations) {
    this.history = history;
    this.operations = operations;
    this.absences = absencesIn(history);
    this.ahead = livesAhead(history);
    this.disturbances = disturbancesIn(history);
    this.experiments = entriesOf(history, "experiment");
    this.deletes = entriesOf(history, "statement").filter(
      ({ name, phase }) => phase === "done" && /^(DELETE|TRUNCATE|DROP)\b/.test(name),
    );
    this.#exits = entriesOf(history, "replica.exit");
    this.#lifeAt = lifeAtOf(history);
    const makers = makersOf(history, this.#lifeAt);
    for (const thread of operations.threads) {
      const register = registerOf(thread, operations.owners);
      const observations = observationsOf(thread, register, this.#lifeAt);
      this.#observations.set(thread, observations);
      this.sharing.learn(observations, makers);
      for (const { real, own, life } of observations) {
        if (!real && own !== null && life !== null) this.#makers.set(own, life);
      }
    }
  }

  observationsOf(thread: ThreadOperations): readonly Observation[] {
    return this.#observations.get(thread) ?? [];
  }

  /** Whether lists of the thread disagree; with windows nothing is compared. */
  disagreementsOf(thread: ThreadOperations): readonly Disagreement[] {
    return this.#cached(this.#disagreements, thread, () =>
      conflictsOf(thread, this.observationsOf(thread)).map((conflict) => ({
        kind: "disagreement",
        thread,
        ...conflict,
      })),
    );
  }

  /** The flaws within each list of the thread. */
  flawsOf(thread: ThreadOperations): readonly FlawedRead[] {
    return this.#cached(this.#flaws, thread, () => {
      const { window } = this.history.header.promises.memory;
      const register = registerOf(thread, this.operations.owners, window !== null);
      const reads = thread.reads.toSorted((one, other) => one.end - other.end);
      return reads.flatMap((read) =>
        flawsOf(read, register).map((flaw) => ({ kind: "flawed read", thread, flaw, read })),
      );
    });
  }

  lifeAt(replica: string | null, seq: number): Life | null {
    return this.#lifeAt(replica, seq);
  }

  /** The life that acknowledged a turn, by the token of its message; null: unknown, or none did. */
  makerOf(token: Token): Life | null {
    return this.#makers.get(token) ?? null;
  }

  writesOf({ writes }: ThreadOperations, tokens: readonly Token[]): Write[] {
    return writes.filter(({ token }) => tokens.includes(token));
  }

  /** A missing turn was under way at the same time as one of the others; null: as any other. */
  overlapping(
    thread: ThreadOperations,
    missing: readonly Token[],
    others: readonly Token[] | null,
  ): boolean {
    const gone = this.writesOf(thread, missing);
    const rest = thread.writes.filter(
      ({ token, outcome }) =>
        outcome !== "failed" && (others ? others.includes(token) : !missing.includes(token)),
    );
    return gone.some((one) => rest.some((other) => other !== one && this.overlap(one, other)));
  }

  /** An attempt of the one was under way at the same time as an attempt of the other. */
  overlap(one: Write, other: Write): boolean {
    return one.attempts.some((a) =>
      other.attempts.some((b) => a.begin < b.over && b.begin < a.over),
    );
  }

  /** The faults in effect at any moment between two entries, and the deaths there. */
  disturbedBetween(from: number, until: number): Disturbance[] {
    return this.disturbances.filter((it) => it.from < until && it.until > from);
  }

  /** Two lives that never showed what the other one wrote. */
  isApart(one: Life | null, other: Life | null): boolean {
    return one !== null && other !== null && this.sharing.apart(one, other);
  }

  /** A replica ended between two entries, whoever ended it. */
  endedBetween(from: number, until: number): boolean {
    return this.#exits.some(({ seq }) => from < seq && seq < until);
  }

  /** Someone showed a token of the thread in a span. */
  shows(thread: ThreadOperations, token: Token, from = 0, until = Infinity): boolean {
    return this.observationsOf(thread).some(
      ({ real, begin, end, list }) => real && begin > from && end < until && list.includes(token),
    );
  }

  #cached<T>(
    known: Map<ThreadOperations, readonly T[]>,
    thread: ThreadOperations,
    make: () => readonly T[],
  ): readonly T[] {
    const before = known.get(thread);
    if (before) return before;
    const made = make();
    known.set(thread, made);
    return made;
  }
}

function disturbancesIn(history: History): Disturbance[] {
  const ends = new Map(entriesOf(history, "fault.end").map(({ fault, seq }) => [fault, seq]));
  return entriesOf(history, "fault.begin").flatMap(({ fault, name, seq: from, stops, hits }) => {
    if (stops === "call") return [];
    const until = ends.get(fault) ?? Infinity;
    return [{ name, from, until, ofDatabase: hits === "database" || stops === "saves" }];
  });
}
