/** What a run says about each turn and each read, gathered from its entries. */
import { tokensIn } from "../../history/token.ts";
import type { Entry, EntryOf, Purpose } from "../../history/history.ts";
import type { Token } from "../../history/token.ts";
import type { Read } from "./operation.ts";

/** One attempt; `end` is null where the run was over before it was known. */
export interface Attempt {
  readonly begin: EntryOf<"attempt.begin">;
  end: EntryOf<"attempt.end"> | null;
}

export interface Turn {
  /** Its `q` token. */
  readonly turn: Token;
  readonly thread: string;
  readonly purpose: Purpose;
  readonly attempts: Attempt[];
  readonly calls: EntryOf<"model.call">[];
  readonly answers: Token[];
  readonly acknowledged: Token[];
}

export interface Facts {
  readonly turns: Map<string, Turn>;
  readonly reads: { readonly thread: string; readonly read: Read }[];
  /** When a thread was first deleted: what comes later is not this thread any more. */
  readonly deleted: Map<string, number>;
  /** When everything was healed; Infinity: it never was. */
  healed: number;
}

/** One pass over the entries of a run. */
export function collect(entries: readonly Entry[]): Facts {
  const facts: Facts = { turns: new Map(), reads: [], deleted: new Map(), healed: Infinity };
  const attempts = new Map<string, { readonly attempt: Attempt; readonly turn: Turn }>();
  const turnOfCall = new Map<string, Turn>();
  const reading = new Map<string, EntryOf<"read.begin">>();
  for (const entry of entries) {
    if (entry.kind === "attempt.begin") {
      const { turn: name, thread, purpose } = entry;
      const turn = facts.turns.get(name) ?? {
        ...{ turn: name, thread, purpose },
        ...{ attempts: [], calls: [], answers: [], acknowledged: [] },
      };
      facts.turns.set(name, turn);
      const attempt: Attempt = { begin: entry, end: null };
      attempts.set(entry.attempt, { attempt, turn });
      turn.attempts.push(attempt);
    } else if (entry.kind === "attempt.end") {
      const begun = attempts.get(entry.attempt);
      if (!begun) continue;
      begun.attempt.end = entry;
      if (entry.outcome.kind !== "ok") continue;
      begun.turn.acknowledged.push(...tokensIn(entry.outcome.reply, "a"));
    } else if (entry.kind === "model.call" && entry.turn !== null) {
      const turn = facts.turns.get(entry.turn);
      if (!turn) continue;
      turn.calls.push(entry);
      turnOfCall.set(entry.call, turn);
    } else if (entry.kind === "model.answer" && entry.token !== null) {
      turnOfCall.get(entry.call)?.answers.push(entry.token);
    } else if (entry.kind === "read.begin") {
      reading.set(entry.read, entry);
    } else if (entry.kind === "read.end" && entry.list !== null) {
      const begun = reading.get(entry.read);
      if (begun)
        facts.reads.push({ thread: begun.thread, read: stateRead(begun, entry, entry.list) });
    } else if (entry.kind === "thread.deleted" && !facts.deleted.has(entry.thread)) {
      facts.deleted.set(entry.thread, entry.seq);
    } else if (entry.kind === "phase" && entry.phase === "final") {
      facts.healed = entry.seq;
    }
  }
  return facts;
}

function stateRead(
  begun: EntryOf<"read.begin">,
  ended: EntryOf<"read.end">,
  list: readonly Token[],
): Read {
  const { client, seq: begin, final: last } = begun;
  const { replica, seq: end } = ended;
  const whose = { turn: null, own: null, client };
  return { kind: "read", source: "state", ...whose, begin, end, list, replica, last };
}
