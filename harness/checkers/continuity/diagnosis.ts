/**
 * From what was seen in a run to diagnoses: one for each cause, with the two lists side by side
 * and the faults between them. A symptom is not told beside the cause that explains it.
 */
import { entriesOf } from "../../history/history.ts";
import type { Entry, History } from "../../history/history.ts";
import { implies, type Level } from "../../history/level.ts";
import type { Token } from "../../history/token.ts";
import type { Break, Diagnosis, ObservedList } from "../verdict.ts";
import { faultsBetween, inWords } from "../findings.ts";
import type { Finding } from "../findings.ts";
import { absencesIn, livesAhead } from "../lives.ts";
import { malformedFindings } from "../malformed-transcripts.ts";
import { causesOf } from "./causes.ts";
import type { Caused } from "./causes.ts";
import { clashesOf } from "./conflicts.ts";
import type { Clash } from "./conflicts.ts";
import { damagesOf } from "./corrupt-turns.ts";
import type { Damage } from "./corrupt-turns.ts";
import { registerOf } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import { nameOf } from "./ladder.ts";
import { lifeAtOf, makersOf, Sharing, sightingsOf } from "./observations.ts";
import type { Sighting } from "./observations.ts";
import type { Operations } from "./operations.ts";
import type { ThreadOperations } from "./operation.ts";
import { remedies } from "./remedies.ts";
import type { Kind } from "./remedies.ts";

/** A thread that breaks what is promised, and the first break of the lowest such level. */
export interface BrokenThread {
  readonly operations: ThreadOperations;
  readonly broken: Break;
  /** Where lists are windows, what is missing from them; else it is found by comparing lists. */
  readonly clashes?: (sightings: readonly Sighting[]) => readonly Clash[];
}

/** In the order in which a person should read them: what explains most comes first. */
const kinds: readonly Kind[] = [
  "not-initialised",
  "no-memory",
  "cross-thread-leak",
  "split-brain",
  "amnesia",
  "zombie-write",
  "ordered-by-clock",
  "lost-update",
  "lost-turn",
  "orphaned-tool-call",
  "torn-turn",
  "duplicated-turn",
  "duplicated-resend",
  "stale-read",
];

/** At least one for every broken thread, each kind once. */
export function diagnose(
  history: History,
  operations: Operations,
  threads: readonly BrokenThread[],
): Finding[] {
  const scene = new Scene(history, operations);
  const seen = threads.flatMap((thread) => scene.look(thread));
  const found = new Map<Kind, Finding>();
  const certain = new Set(seen.flatMap(({ kind, unless }) => (unless.length > 0 ? [] : [kind])));
  for (const { kind, finding, unless } of seen) {
    if (certain.has(kind) ? unless.length > 0 : unless.some((other) => certain.has(other)))
      continue;
    if (!found.has(kind)) found.set(kind, finding);
  }
  return kinds.flatMap((kind) => found.get(kind) ?? []);
}

interface Found {
  readonly kind: Kind;
  readonly finding: Finding;
  /** Causes that explain it as well: found anywhere in the run, they leave this one out. */
  readonly unless: readonly Kind[];
}

class Scene {
  readonly #history: History;
  readonly #operations: Operations;
  readonly #sightings = new Map<ThreadOperations, readonly Sighting[]>();
  readonly #sharing = new Sharing();
  readonly #entries: ReadonlyMap<number, Entry>;

  constructor(history: History, operations: Operations) {
    this.#history = history;
    this.#operations = operations;
    this.#entries = new Map(history.entries.map((entry) => [entry.seq, entry]));
    const lifeAt = lifeAtOf(history);
    const makers = makersOf(history, lifeAt);
    for (const thread of operations.threads) {
      const sightings = sightingsOf(thread, registerOf(thread, operations.owners), lifeAt);
      this.#sightings.set(thread, sightings);
      this.#sharing.learn(sightings, makers);
    }
  }

  look(thread: BrokenThread): Found[] {
    const { operations, broken } = thread;
    const promised = this.#history.header.promises;
    const register = registerOf(
      operations,
      this.#operations.owners,
      promised.memory.window !== null,
    );
    const found = this.#orphansOf(operations);
    const damages = damagesOf(operations, register);
    if (!damages.some(({ kind }) => kind === "cross-thread-leak")) {
      const sightings = this.#sightings.get(operations) ?? [];
      const clashes = thread.clashes?.(sightings) ?? clashesOf(operations, sightings);
      const scene = {
        ...{ operations, sightings },
        ...{
          sharing: this.#sharing,
          absences: absencesIn(this.#history),
          ahead: livesAhead(this.#history),
        },
      };
      for (const caused of causesOf(scene, clashes)) {
        if (caused.cause === "stale-read" && damages.length > 0) continue;
        found.push(this.#ofClash(caused, register));
      }
    }
    found.push(...damages.map((damage) => this.#ofDamage(damage, register)));
    const kept = found.filter(({ kind }) =>
      breaksOf(kind).some((level) => implies(promised.memory.level, level)),
    );
    return kept.length > 0 ? kept : [this.#byLevel(broken)];
  }

  /** A tool call without its result in the prompts of this thread, if there is one. */
  #orphansOf({ writes }: ThreadOperations): Found[] {
    const turns = new Set<string | null>(writes.map(({ turn }) => turn));
    const calls = entriesOf(this.#history, "model.call").filter(({ turn }) => turns.has(turn));
    return malformedFindings(this.#history, calls).flatMap((finding): Found[] => {
      const kind = "orphaned-tool-call";
      return finding.diagnosis.kind === kind ? [{ kind, finding, unless: [] }] : [];
    });
  }

  #ofDamage({ kind, flaw, read, unfinished }: Damage, register: Register): Found {
    const turns = [flaw.turn, flaw.by];
    const begins = entriesOf(this.#history, "attempt.begin").filter((e) => turns.includes(e.turn));
    const attempts = new Set(begins.map(({ attempt }) => attempt));
    const ends = entriesOf(this.#history, "attempt.end").filter((e) => attempts.has(e.attempt));
    const from = Math.min(read.end, ...begins.map(({ seq }) => seq));
    const label = `${nameOf(read)}, thread ${register.thread}`;
    const lists = [this.#list(label, read.replica, read.end, read.list)];
    const diagnosis = {
      kind,
      because: `${nameOf(read)} shows it: ${flaw.because}`,
      remedy: remedies[kind],
      ...this.#between(from, read.end),
      lists,
    };
    const shown = this.#entries.get(read.end);
    const evidence = [...(shown ? [shown] : []), ...begins, ...ends];
    // A message over an unfinished turn does both, whether a tool call was under way or not.
    const anew = kind === "torn-turn" || unfinished;
    const unless = anew ? (["orphaned-tool-call"] as const) : explainedBy(kind);
    return { kind, finding: { diagnosis, evidence }, unless };
  }

  #ofClash({ cause, clash, weak }: Caused, register: Register): Found {
    const { before, after } = clash;
    const diagnosis: Diagnosis = {
      kind: cause,
      because: sentenceOf(cause, clash, register),
      remedy: remedies[cause],
      lists: [before, after].map(({ label, replica, end, list }) =>
        this.#list(label, replica, end, list),
      ),
      ...this.#between(before.end, after.end),
    };
    const ends = [before.begin, before.end, after.begin, after.end];
    const evidence = ends.flatMap((seq) => this.#entries.get(seq) ?? []);
    const lives = this.#history.entries.filter(
      ({ kind, seq }) =>
        before.end < seq &&
        seq < after.end &&
        (kind === "replica.exit" || kind === "replica.start"),
    );
    const unless = weak ? (["no-memory", "amnesia"] as const) : explainedBy(cause);
    return { kind: cause, finding: { diagnosis, evidence: [...evidence, ...lives] }, unless };
  }

  /** Where no shape fits: what the level itself says. */
  #byLevel({ level, seq, because }: BrokenThread["broken"]): Found {
    const kind = level in kindOf ? kindOf[level as keyof typeof kindOf] : "stale-read";
    const shown = this.#entries.get(seq);
    const diagnosis = { kind, because, remedy: remedies[kind] };
    return { kind, finding: { diagnosis, evidence: shown ? [shown] : [] }, unless: [] };
  }

  #list(label: string, replica: string | null, seq: number, list: readonly Token[]): ObservedList {
    return { label, replica, at: this.#entries.get(seq)?.at ?? 0, tokens: list };
  }

  #between(from: number, to: number): { faults?: readonly string[] } {
    const faults = faultsBetween(this.#history, from, to);
    return faults.length > 0 ? { faults } : {};
  }
}

/** Once a thread has two branches their turns tear and overwrite one another for good. */
function explainedBy(kind: Kind): readonly Kind[] {
  return kind === "lost-update" ? ["zombie-write", "ordered-by-clock"] : [];
}

/** What a break is called where no cause has its shape, by level; of the others: stale-read. */
const kindOf = {
  integrity: "torn-turn",
  "no-lost-turns": "lost-turn",
  "one-history": "lost-update",
} as const satisfies Partial<Record<Level, Kind>>;

/** The lowest levels that a cause breaks: if none of them is promised it is no diagnosis. */
function breaksOf(kind: Kind): readonly Level[] {
  if (kind === "stale-read") return ["monotonic-reads", "read-your-writes"];
  const within = ["cross-thread-leak", "torn-turn", "orphaned-tool-call"];
  const isWithin = within.includes(kind) || kind.startsWith("duplicated");
  return [isWithin ? "integrity" : "no-lost-turns"];
}

function sentenceOf(cause: Caused["cause"], clash: Clash, register: Register): string {
  const { before, after } = clash;
  const turns = (tokens: readonly Token[]) =>
    inWords(tokens.slice(0, 4).map((token) => register.writes.get(token)?.turn ?? token));
  const had = before.real ? `${before.label} had shown` : `${before.label} had promised`;
  const lacks =
    clash.missing.length > 0
      ? `${after.label} does not show ${turns(clash.missing)}, which ${had}`
      : `${after.label} shows ${turns(clash.rivals)}, which ${before.label} had not, in between`;
  const one = before.replica ?? "one replica";
  const other = after.replica ?? "another";
  switch (cause) {
    case "split-brain":
      return `${lacks}: ${one} and ${other} were both up, and each keeps a memory of its own`;
    case "amnesia":
      return `${lacks}: the process of ${one} had ended in between, and its memory with it`;
    case "zombie-write":
      return `${lacks}: a turn of a replica that had been paused or cut off continued, and overwrote it`;
    case "ordered-by-clock":
      return `${lacks}: a replica whose clock is ahead had saved the thread with a later time`;
    case "lost-update":
      return clash.rivals.length > 0
        ? `${lacks}: ${turns(clash.rivals)} took its place`
        : `${lacks}: another turn on the thread was under way at the same time`;
    case "lost-turn":
      return `${lacks}: it was acknowledged and then lost`;
    case "stale-read":
      return `${lacks}, and later reads show again: what it read was out of date`;
    case "no-memory":
      return `${lacks}: ${other} had not restarted, and sees nothing of what it was told`;
  }
}
