/** Causes that show within one list: a turn that is doubled, torn, or on the wrong thread. */
import type { PlainKind } from "../findings.ts";
import { overlap } from "./causes.ts";
import { flawsOf } from "./integrity.ts";
import type { Flaw, Register } from "./integrity.ts";
import type { Read, ThreadOperations, Write } from "./operation.ts";

export interface CorruptTurn {
  readonly kind: PlainKind;
  readonly flaw: Flaw;
  readonly read: Read;
  /** The first copy of a doubled turn has no reply: the turn was started again, not resumed. */
  readonly unfinished: boolean;
}

/** The first corrupt turn of each kind. */
export function corruptTurnsOf(operations: ThreadOperations, register: Register): CorruptTurn[] {
  const found = new Map<PlainKind, CorruptTurn>();
  const turns = new Map(operations.writes.map((write) => [write.turn, write]));
  for (const read of operations.reads.toSorted((one, other) => one.end - other.end)) {
    for (const flaw of flawsOf(read, register)) {
      const kind = kindOf(flaw, turns);
      const unfinished = startedAgain(flaw, read, turns);
      const known = found.get(kind);
      if (!known || (known.unfinished && !unfinished)) {
        found.set(kind, { kind, flaw, read, unfinished });
      }
    }
  }
  // Two conversations in one thread overwrite each other as well: the leak explains that.
  const leak = found.get("cross-thread-leak");
  return leak ? [leak] : [...found.values()];
}

function kindOf(flaw: Flaw, turns: ReadonlyMap<string, Write>): PlainKind {
  const turn = turns.get(flaw.turn ?? "");
  switch (flaw.kind) {
    case "foreign-token":
    case "unknown-token":
      return "cross-thread-leak";
    case "twice":
    case "other-reply": {
      // Sent once and shown twice: not a retry, but branches of concurrent turns grown together.
      if (turn?.repeated === "no" && overlapped(turn, turns)) return "lost-update";
      return turn?.repeated === "bare" ? "duplicated-resend" : "duplicated-turn";
    }
    case "torn":
    case "stray-reply":
    case "refused-token":
    case "unsaid-token":
      if (turn && overlapped(turn, turns)) return "lost-update";
      return "torn-turn";
  }
}

function startedAgain(flaw: Flaw, read: Read, turns: ReadonlyMap<string, Write>): boolean {
  const turn = turns.get(flaw.turn ?? "");
  const next = turn && read.list[read.list.indexOf(turn.token) + 1];
  return flaw.kind === "twice" && next !== undefined && !turn?.replies.includes(next);
}

/** Concurrent turns tear each other, even if only a later read shows it. */
function overlapped(turn: Write, turns: ReadonlyMap<string, Write>): boolean {
  return [...turns.values()].some(
    (other) => other !== turn && other.outcome !== "failed" && overlap(turn, other),
  );
}
