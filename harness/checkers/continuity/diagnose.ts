/**
 * From broken threads to diagnoses: one per cause, with the lists that disagree and the faults in
 * between. A symptom is left out if the cause that explains it was found.
 */
import { entriesOf } from "../../history/history.ts";
import type { Entry, EntryOf, History } from "../../history/history.ts";
import { implies, type Level } from "../../history/level.ts";
import type { Token } from "../../history/token.ts";
import { rowOf } from "../diagnoses.ts";
import { faultsBetween, finding, type PlainKind } from "../findings.ts";
import type { Finding } from "../findings.ts";
import { absencesIn, lifeAtOf, livesAhead, type Time } from "../lives.ts";
import { malformedFindings } from "../malformed-transcripts.ts";
import type { Break, ObservedList } from "../verdict.ts";
import { type Cause, causesOf, turnsIn } from "./causes.ts";
import { type Conflict, conflictsOf } from "./conflicts.ts";
import { type CorruptTurn, corruptTurnsOf } from "./corrupt-turns.ts";
import { registerOf } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import { makersOf, type Observation, observationsOf, Sharing } from "./observations.ts";
import type { ThreadOperations } from "./operation.ts";
import type { Operations } from "./operations.ts";
import { nameOf } from "./thread-levels.ts";

/** A thread that breaks what is promised, and the first break of the lowest such level. */
export interface BrokenThread {
  readonly operations: ThreadOperations;
  readonly broken: Break;
  /** For windows: what is missing from them. Otherwise lists are compared with each other. */
  readonly conflicts?: (observations: readonly Observation[]) => readonly Conflict[];
}

/** At least one finding for every broken thread, each kind once. */
export function diagnose(
  history: History,
  operations: Operations,
  threads: readonly BrokenThread[],
): Finding[] {
  const examiner = new Examiner(history, operations);
  const candidates = threads.flatMap((thread) => examiner.examine(thread));
  const certain = new Set<string>(
    candidates.flatMap(({ kind, unless }) => (unless.length > 0 ? [] : [kind])),
  );
  const found = new Map<PlainKind, Finding>();
  for (const { kind, finding: candidate, unless } of candidates) {
    const explained = certain.has(kind)
      ? unless.length > 0
      : unless.some((other) => certain.has(other));
    if (!explained && !found.has(kind)) found.set(kind, candidate);
  }
  return [...found.values()];
}

interface Candidate {
  readonly kind: PlainKind;
  readonly finding: Finding;
  /** Kinds that explain it too: if one of them is certain in this run, this one is left out. */
  readonly unless: readonly string[];
}

class Examiner {
  readonly #history: History;
  readonly #operations: Operations;
  readonly #observations = new Map<ThreadOperations, readonly Observation[]>();
  readonly #sharing = new Sharing();
  readonly #absences: readonly Time[];
  readonly #ahead: readonly Time[];
  readonly #entries: ReadonlyMap<number, Entry>;

  constructor(history: History, operations: Operations) {
    this.#history = history;
    this.#operations = operations;
    this.#entries = new Map(history.entries.map((entry) => [entry.seq, entry]));
    this.#absences = absencesIn(history);
    this.#ahead = livesAhead(history);
    const lifeAt = lifeAtOf(history);
    const makers = makersOf(history, lifeAt);
    for (const thread of operations.threads) {
      const observations = observationsOf(thread, registerOf(thread, operations.owners), lifeAt);
      this.#observations.set(thread, observations);
      this.#sharing.learn(observations, makers);
    }
  }

  examine(thread: BrokenThread): Candidate[] {
    const { operations, broken } = thread;
    const { level, window } = this.#history.header.promises.memory;
    const register = registerOf(operations, this.#operations.owners, window !== null);
    const corrupt = corruptTurnsOf(operations, register);
    const leaks = corrupt.some(({ kind }) => kind === "cross-thread-leak");
    const causes = leaks ? [] : this.#causesOf(thread);
    const candidates = [
      ...this.#orphanedCalls(operations),
      ...causes
        .filter(({ kind }) => kind !== "stale-read" || corrupt.length === 0)
        .map((cause) => this.#ofCause(cause)),
      ...corrupt.map((turn) => this.#ofCorruptTurn(turn, register)),
    ];
    const promised = candidates.filter(({ kind }) =>
      rowOf(kind)?.levels.some((lowest) => implies(level, lowest)),
    );
    return promised.length > 0 ? promised : [this.#byLevel(broken)];
  }

  #causesOf({ operations, conflicts }: BrokenThread): Cause[] {
    const observations = this.#observations.get(operations) ?? [];
    const replicas = { sharing: this.#sharing, absences: this.#absences, ahead: this.#ahead };
    return causesOf(
      { operations, observations, ...replicas },
      conflicts?.(observations) ?? conflictsOf(operations, observations),
    );
  }

  /** A tool call without its result in the prompts of this thread, if there is one. */
  #orphanedCalls({ writes }: ThreadOperations): Candidate[] {
    const turns = new Set<string | null>(writes.map(({ turn }) => turn));
    const calls = entriesOf(this.#history, "model.call").filter(({ turn }) => turns.has(turn));
    const kind = "orphaned-tool-call";
    return malformedFindings(this.#history, calls)
      .filter(({ diagnosis }) => diagnosis.kind === kind)
      .map((orphaned) => ({ kind, finding: orphaned, unless: [] }));
  }

  #ofCorruptTurn({ kind, flaw, read, unfinished }: CorruptTurn, register: Register): Candidate {
    const turns = [flaw.turn, flaw.by];
    const begins = entriesOf(this.#history, "attempt.begin").filter((e) => turns.includes(e.turn));
    const from = Math.min(read.end, ...begins.map(({ seq }) => seq));
    const shown = this.#entries.get(read.end);
    const label = `${nameOf(read)}, thread ${register.thread}`;
    const found = finding(kind, {
      because: `${nameOf(read)} shows it: ${flaw.because}`,
      evidence: [...(shown ? [shown] : []), ...begins, ...this.#endsOf(begins)],
      lists: [this.#list(label, read.replica, read.end, read.list)],
      faults: faultsBetween(this.#history, from, read.end),
    });
    // A message over an unfinished turn doubles the turn, and it orphans a tool call.
    const unless = unfinished ? ["orphaned-tool-call"] : [];
    return { kind, finding: found, unless: [...explainedBy(kind), ...unless] };
  }

  #endsOf(begins: readonly EntryOf<"attempt.begin">[]): EntryOf<"attempt.end">[] {
    const attempts = new Set(begins.map(({ attempt }) => attempt));
    return entriesOf(this.#history, "attempt.end").filter(({ attempt }) => attempts.has(attempt));
  }

  #ofCause({ kind, conflict, because, weak }: Cause): Candidate {
    const { before, after } = conflict;
    const ends = [before.begin, before.end, after.begin, after.end];
    const lives = this.#history.entries.filter(
      (entry) =>
        before.end < entry.seq &&
        entry.seq < after.end &&
        (entry.kind === "replica.exit" || entry.kind === "replica.start"),
    );
    const found = finding(kind, {
      because: `${disagreement(conflict)}: ${because}`,
      evidence: [...ends.flatMap((seq) => this.#entries.get(seq) ?? []), ...lives],
      lists: [before, after].map(({ label, replica, end, list }) =>
        this.#list(label, replica, end, list),
      ),
      faults: faultsBetween(this.#history, before.end, after.end),
    });
    return { kind, finding: found, unless: weak ? ["no-memory", "amnesia"] : explainedBy(kind) };
  }

  /** No cause has this shape: the diagnosis says no more than the level does. */
  #byLevel({ level, seq, because }: Break): Candidate {
    const kind = unexplained[level] ?? "stale-read";
    const shown = this.#entries.get(seq);
    const found = finding(kind, { because, evidence: shown ? [shown] : [] });
    return { kind, finding: found, unless: [] };
  }

  #list(label: string, replica: string | null, seq: number, list: readonly Token[]): ObservedList {
    return { label, replica, at: this.#entries.get(seq)?.at ?? 0, tokens: list };
  }
}

/** The kind of a break that has no known cause, by level; for the other levels: stale-read. */
const unexplained: Readonly<Partial<Record<Level, PlainKind>>> = {
  integrity: "torn-turn",
  "no-lost-turns": "lost-turn",
  "one-history": "lost-update",
};

function explainedBy(kind: PlainKind): readonly string[] {
  return rowOf(kind)?.explainedBy ?? [];
}

/** What the two lists of a conflict show. */
function disagreement({ before, after, missing, added }: Conflict): string {
  if (missing.length === 0) {
    return `${after.label} shows ${turnsIn(added)}, which ${before.label} had not, in between`;
  }
  const had = before.real ? "had shown" : "had promised";
  return `${after.label} does not show ${turnsIn(missing)}, which ${before.label} ${had}`;
}
