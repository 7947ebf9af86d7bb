/**
 * From a history to the operations on its threads. A thread is a list register: a turn appends one
 * block (the user's token and the reply's), a read returns the list. Times are `seq` of entries,
 * which is the one order of the run; an operation without an end ends at Infinity.
 */
import type { History } from "../../history/history.ts";
import type { Token } from "../../history/token.ts";
import { collect } from "./facts.ts";
import type { Attempt, Turn } from "./facts.ts";
import { numbered } from "./numbering.ts";
import type { Owners, Read, ThreadOperations, Write } from "./operation.ts";

export interface Operations {
  readonly threads: readonly ThreadOperations[];
  readonly owners: Owners;
}

/** The operations of all threads that are judged: warm-up threads are not. */
export function operationsOf(history: History): Operations {
  const facts = collect(history.entries);
  const owners = new Map<Token, { thread: string; turn: string }>();
  for (const turn of facts.turns.values()) {
    const owner = { thread: turn.thread, turn: turn.turn };
    owners.set(turn.turn, owner);
    for (const token of turn.answers) owners.set(token, owner);
  }
  for (const turn of facts.turns.values()) {
    for (const token of turn.acknowledged) {
      if (!owners.has(token)) owners.set(token, { thread: turn.thread, turn: turn.turn });
    }
  }
  // Where replies carry no tokens at all, a message without one is no sign of a torn turn.
  const voiced = owners.size > facts.turns.size;
  const threads = new Map<string, { thread: string; writes: Write[]; reads: Read[] }>();
  const warmUp = new Set<string>();
  const asked: Turn[] = [];
  const on = (thread: string) => {
    const operations = threads.get(thread) ?? { thread, writes: [], reads: [] };
    threads.set(thread, operations);
    return operations;
  };
  for (const turn of facts.turns.values()) {
    if (turn.purpose === "warm-up") {
      warmUp.add(turn.thread);
      continue;
    }
    if (turn.purpose === "repeat") {
      asked.push(turn);
      continue;
    }
    const write = writeOf(turn, voiced);
    on(turn.thread).writes.push(write);
    on(turn.thread).reads.push(...readsOf(turn, write));
  }
  for (const turn of asked) {
    if (!warmUp.has(turn.thread)) on(turn.thread).reads.push(...repeatsOf(turn, facts.healed));
  }
  for (const { thread, read } of facts.reads) if (!warmUp.has(thread)) on(thread).reads.push(read);
  const judged = [...threads.values()].map((each) =>
    finished(each.thread, each.writes, each.reads, facts.deleted.get(each.thread)),
  );
  return { threads: judged, owners };
}

/** In order, numbered, and only what was before the thread was deleted. */
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

function writeOf(turn: Turn, voiced: boolean): Write {
  // An attempt with an id that must be refused promises nothing here: it may have been saved.
  const unsound = turn.attempts.every(({ begin }) => !begin.sound);
  const kindOf = (attempt: Attempt) => attempt.end?.outcome.kind ?? "unknown";
  const first = turn.attempts.find((attempt) => kindOf(attempt) !== "failed");
  const acknowledgement = turn.attempts.find((each) => kindOf(each) === "ok" && each.begin.sound);
  const outcome = acknowledgement ? "ok" : first || unsound ? "unknown" : "failed";
  const { acknowledged } = turn;
  const replies = acknowledged.length > 0 ? [...turn.answers, ...acknowledged] : turn.answers;
  const begun = first ?? turn.attempts[0];
  if (!begun) throw new Error(`turn ${turn.turn} has no attempt`);
  // What answers an interrupt repeats nothing.
  const again = turn.attempts.filter((_, i) => {
    const before = turn.attempts[i - 1];
    return before !== undefined && kindOf(before) !== "interrupted";
  });
  return {
    kind: "write",
    turn: turn.turn,
    token: turn.turn,
    client: (acknowledgement ?? begun).begin.client,
    begin: begun.begin.seq,
    end: acknowledgement?.end?.seq ?? Infinity,
    outcome,
    replies,
    acknowledged: outcome === "ok" ? acknowledged : [],
    silent: replies.length === 0 && (outcome === "ok" || !voiced),
    interrupted: turn.attempts.some((attempt) => kindOf(attempt) === "interrupted"),
    attempts: turn.attempts.map(({ begin, end }) => ({
      begin: begin.seq,
      end: end?.seq ?? Infinity,
      replica: end?.replica ?? begin.on,
    })),
    repeated: again.length === 0 ? "no" : again.some(bare) ? "bare" : "with-id",
    last: turn.purpose === "last",
  };
}

const bare = ({ begin }: Attempt) => begin.requestId === null;

/** The lists in its replies, and what its model calls saw. */
function readsOf(turn: Turn, write: Write): Read[] {
  const last = turn.purpose === "last";
  const whose = { kind: "read", turn: turn.turn, own: turn.turn, last } as const;
  const sound = turn.attempts.filter(({ begin }) => begin.sound);
  const replies = sound.flatMap(({ begin, end }): Read[] => {
    if (end?.outcome.kind !== "ok" || end.list === null) return [];
    const { list, replica } = end;
    const span = { client: begin.client, begin: begin.seq, end: end.seq };
    return [{ ...whose, source: "reply", ...span, list, replica }];
  });
  // A call after the acknowledgement is a left-over of an earlier attempt: it proves nothing.
  const calls = turn.calls
    .filter(({ seq }) => seq < write.end)
    .flatMap((call): Read[] => {
      const begun = sound.filter(({ begin }) => begin.seq < call.seq);
      const here = begun.findLast(({ begin, end }) => (end?.replica ?? begin.on) === call.replica);
      const attempt = here ?? begun.at(-1);
      if (!attempt) return [];
      const { seq, list, replica } = call;
      const span = { client: attempt.begin.client, begin: seq, end: seq };
      return [{ ...whose, source: "model", ...span, list, replica }];
    });
  return [...replies, ...calls];
}

/** What was told when it was asked for: a look at the thread, and no message of it. */
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
