/**
 * From a history to the operations on its threads. A thread is a list register: a turn appends one
 * block (the message's token and the reply's), and a read returns the list. Times are the `seq` of
 * entries, the one order of the run; an operation without an end ends at Infinity.
 */
import type { Entry, EntryOf, History } from "../../history/history.ts";
import type { Token } from "../../history/token.ts";
import { tokensIn } from "../../history/token.ts";
import { type Attempt, servedBy, type Turn, turnsOf } from "../turns.ts";
import { numbered } from "./numbering.ts";
import type { Owners, Read, ThreadOperations, Write } from "./operation.ts";

export interface Operations {
  readonly threads: readonly ThreadOperations[];
  readonly owners: Owners;
}

/** A turn with the tokens of its replies. */
interface Replied {
  readonly turn: Turn;
  /** From the model, in any attempt. */
  readonly given: readonly Token[];
  /** In the replies that were acknowledged. */
  readonly acknowledged: readonly Token[];
}

/** The operations of all threads that are judged: warm-up threads are not. */
export function operationsOf(history: History): Operations {
  const turns = turnsOf(history).map(repliedOf);
  const owners = ownersOf(turns);
  // If no reply carries a token, a message without one is no sign of a torn turn.
  const voiced = owners.size > turns.length;
  const { reads, deleted, lastFrom, healed } = lookedAt(history.entries);
  const strays = straysOf(turns);
  const threads = new Map<string, { thread: string; writes: Write[]; reads: Read[] }>();
  const warmUp = new Set<string>();
  const on = (thread: string) => {
    const operations = threads.get(thread) ?? { thread, writes: [], reads: [] };
    threads.set(thread, operations);
    return operations;
  };
  const repeats: Turn[] = [];
  for (const replied of turns) {
    const { thread, purpose } = replied.turn;
    if (purpose === "warm-up") warmUp.add(thread);
    else if (purpose === "repeat") repeats.push(replied.turn);
    else {
      const write = writeOf(replied, voiced, lastFrom);
      on(thread).writes.push(write);
      on(thread).reads.push(...readsOf(replied.turn, write));
    }
  }
  for (const turn of repeats) {
    if (!warmUp.has(turn.thread))
      on(turn.thread).reads.push(...repeatsOf(turn, Math.max(healed, lastFrom)));
  }
  for (const { thread, read } of reads) if (!warmUp.has(thread)) on(thread).reads.push(read);
  const judged = [...threads.values()].map((each) =>
    finished(each.thread, each.writes, without(strays, each.reads), deleted.get(each.thread)),
  );
  return { threads: judged, owners };
}

function repliedOf(turn: Turn): Replied {
  const given: Token[] = [];
  for (const { token } of turn.modelAnswers) if (token !== null) given.push(token);
  const acknowledged: Token[] = [];
  for (const { end } of turn.attempts) {
    if (end?.outcome.kind === "ok") acknowledged.push(...tokensIn(end.outcome.reply, "a"));
  }
  return { turn, given, acknowledged };
}

function ownersOf(turns: readonly Replied[]): Owners {
  const owners = new Map<Token, { thread: string; turn: string }>();
  for (const { turn, given } of turns) {
    const owner = { thread: turn.thread, turn: turn.name };
    owners.set(turn.name, owner);
    for (const token of given) owners.set(token, owner);
  }
  for (const { turn, acknowledged } of turns) {
    for (const token of acknowledged) {
      if (!owners.has(token)) owners.set(token, { thread: turn.thread, turn: turn.name });
    }
  }
  return owners;
}

/**
 * The tokens of turns that were sent with an id which must be refused. Another check judges them;
 * they prove nothing against the owner of the id.
 */
function straysOf(turns: readonly Replied[]): ReadonlySet<Token> {
  return new Set(
    turns
      .filter(({ turn }) => turn.attempts.every(({ begin }) => !begin.sound))
      .flatMap(({ turn, given, acknowledged }) => [turn.name, ...given, ...acknowledged]),
  );
}

function without(strays: ReadonlySet<Token>, reads: readonly Read[]): Read[] {
  return reads.map((read) =>
    read.list.some((token) => strays.has(token))
      ? { ...read, list: read.list.filter((token) => !strays.has(token)) }
      : read,
  );
}

interface Looks {
  /** Reads of the state. */
  readonly reads: readonly { readonly thread: string; readonly read: Read }[];
  /** When a thread was first deleted: later operations belong to another thread. */
  readonly deleted: ReadonlyMap<string, number>;
  /** The last reads come after the restart of every replica; 0: nothing was seen after one. */
  readonly lastFrom: number;
  /** When everything was healed; Infinity: never. */
  readonly healed: number;
}

function lookedAt(entries: readonly Entry[]): Looks {
  const reads: { readonly thread: string; readonly read: Read }[] = [];
  const deleted = new Map<string, number>();
  const reading = new Map<string, EntryOf<"read.begin">>();
  let healed = Infinity;
  let restarted = Infinity;
  let seen = false;
  for (const entry of entries) {
    if (entry.kind === "read.begin") {
      reading.set(entry.read, entry);
    } else if (entry.kind === "read.end" && entry.list !== null) {
      const begin = reading.get(entry.read);
      if (begin) reads.push({ thread: begin.thread, read: stateRead(begin, entry, entry.list) });
      seen ||= entry.seq > restarted;
    } else if (entry.kind === "thread.deleted" && !deleted.has(entry.thread)) {
      deleted.set(entry.thread, entry.seq);
    } else if (entry.kind === "phase") {
      if (entry.phase === "final") healed = entry.seq;
      if (entry.phase === "restart") restarted = entry.seq;
    } else if (entry.kind === "model.call" && entry.turn !== null) {
      seen ||= entry.seq > restarted;
    } else if (entry.kind === "attempt.end" && entry.list !== null) {
      seen ||= entry.seq > restarted;
    }
  }
  const lastFrom = seen ? restarted : 0;
  const marked = reads.map(({ thread, read }) => ({
    thread,
    read: { ...read, last: read.last && read.begin > lastFrom },
  }));
  return { reads: marked, deleted, lastFrom, healed };
}

function stateRead(
  { client, seq: begin, final: last }: EntryOf<"read.begin">,
  { replica, seq: end }: EntryOf<"read.end">,
  list: readonly Token[],
): Read {
  const whose = { turn: null, own: null, client };
  return { kind: "read", source: "state", ...whose, begin, end, list, replica, last };
}

/** In order, numbered, and only what came before the thread was deleted. */
function finished(thread: string, writes: Write[], reads: Read[], deleted = Infinity) {
  const kept = writes
    .filter(({ begin }) => begin < deleted)
    .map((write): Write =>
      write.outcome === "ok" && write.end > deleted
        ? { ...write, end: Infinity, outcome: "unknown" }
        : write,
    )
    .sort(byBegin);
  const seen = reads.filter(({ end }) => end < deleted).sort(byBegin);
  return { thread, writes: kept, reads: seen, numbered: numbered(kept, seen) };
}

function writeOf({ turn, given, acknowledged }: Replied, voiced: boolean, lastFrom: number): Write {
  const { attempts } = turn;
  const kindOf = (attempt: Attempt) => attempt.end?.outcome.kind ?? "unknown";
  const first = attempts.find((attempt) => kindOf(attempt) !== "failed");
  const acknowledgement = attempts.find((each) => kindOf(each) === "ok" && each.begin.sound);
  // An attempt with an id that must be refused promises nothing here: it may have been saved.
  const unsound = attempts.every(({ begin }) => !begin.sound);
  const outcome = acknowledgement ? "ok" : first || unsound ? "unknown" : "failed";
  const replies = acknowledged.length > 0 ? [...given, ...acknowledged] : given;
  const begun = first ?? attempts[0];
  return {
    kind: "write",
    turn: turn.name,
    token: turn.name,
    client: (acknowledgement ?? begun).begin.client,
    begin: begun.begin.seq,
    end: acknowledgement?.end?.seq ?? Infinity,
    outcome,
    replies,
    acknowledged: outcome === "ok" ? acknowledged : [],
    silent: replies.length === 0 && (outcome === "ok" || !voiced),
    interrupted: attempts.some((attempt) => kindOf(attempt) === "interrupted"),
    attempts: attempts.map((attempt) => ({
      begin: attempt.begin.seq,
      end: attempt.end?.seq ?? Infinity,
      replica: servedBy(attempt),
      over: overAt(attempt, turn),
    })),
    repeated: repetitionOf(attempts),
    last: turn.purpose === "last" && begun.begin.seq > lastFrom,
  };
}

/** A turn may go on after its client has left: until its last call of the model or of a tool. */
function overAt({ end }: Attempt, { modelAnswers, modelCalls, toolCalls }: Turn): number {
  if (end === null) return Infinity;
  if (end.outcome.kind !== "unknown") return end.seq;
  const calls = [...modelCalls, ...toolCalls].filter(({ replica }) => replica === end.replica);
  const last = [...calls, ...modelAnswers].map(({ seq }) => seq);
  return Math.max(end.seq, ...(end.status === null ? last : []));
}

function repetitionOf(attempts: readonly Attempt[]): Write["repeated"] {
  // The answer to an interrupt is a new attempt, and repeats nothing.
  const again = attempts.filter((_, i) => {
    const before = attempts[i - 1];
    return before !== undefined && before.end?.outcome.kind !== "interrupted";
  });
  if (again.length === 0) return "no";
  return again.some(({ begin }) => begin.requestId === null) ? "bare" : "with-id";
}

/** The lists in its replies, and those that its model calls saw. */
function readsOf(turn: Turn, write: Write): Read[] {
  const { last } = write;
  const whose = { kind: "read", turn: turn.name, own: turn.name, last } as const;
  const sound = turn.attempts.filter(({ begin }) => begin.sound);
  const replies = sound.flatMap(({ begin, end }): Read[] => {
    if (end?.outcome.kind !== "ok" || end.list === null) return [];
    const { list, replica } = end;
    const span = { client: begin.client, begin: begin.seq, end: end.seq };
    return [{ ...whose, source: "reply", ...span, list, replica }];
  });
  // A call after the acknowledgement is left over from an earlier attempt, and proves nothing.
  const calls = turn.modelCalls
    .filter(({ seq }) => seq < write.end)
    .flatMap((call): Read[] => {
      const begun = sound.filter(({ begin }) => begin.seq < call.seq);
      const here = begun.findLast((attempt) => servedBy(attempt) === call.replica);
      const attempt = here ?? begun.at(-1);
      if (!attempt) return [];
      const { seq, list, replica } = call;
      const span = { client: attempt.begin.client, begin: seq, end: seq };
      return [{ ...whose, source: "model", ...span, list, replica }];
    });
  return [...replies, ...calls];
}

/** A turn that asks the agent to repeat the conversation reads the thread, and writes nothing. */
function repeatsOf({ attempts }: Turn, healed: number): Read[] {
  return attempts.flatMap(({ begin, end }): Read[] => {
    if (end?.outcome.kind !== "ok" || end.list === null) return [];
    const { list, replica, seq } = end;
    const span = { client: begin.client, begin: begin.seq, end: seq };
    const whose = { turn: null, own: null, last: begin.seq > healed };
    return [{ kind: "read", source: "repeat", ...whose, ...span, list, replica }];
  });
}

const byBegin = (one: { begin: number }, other: { begin: number }) => one.begin - other.begin;
