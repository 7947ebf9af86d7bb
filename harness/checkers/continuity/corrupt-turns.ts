/** Causes that show within one list: a turn twice, torn, or on the wrong thread. */
import { overlap } from "./causes.ts";
import { flawsOf } from "./integrity.ts";
import type { Flaw, Register } from "./integrity.ts";
import type { Read, ThreadOperations, Write } from "./operation.ts";

type DamageKind =
  | "cross-thread-leak"
  | "duplicated-turn"
  | "duplicated-resend"
  | "torn-turn"
  | "lost-update";

export interface Damage {
  readonly kind: DamageKind;
  readonly flaw: Flaw;
  readonly read: Read;
  /** The first copy of a doubled turn has no reply: the turn was begun anew, not resumed. */
  readonly unfinished: boolean;
}

/** One damage of each kind, the first. */
export function damagesOf(operations: ThreadOperations, register: Register): Damage[] {
  const found = new Map<DamageKind, Damage>();
  const turns = new Map(operations.writes.map((write) => [write.turn, write]));
  for (const read of operations.reads.toSorted((one, other) => one.end - other.end)) {
    for (const flaw of flawsOf(read, register)) {
      const kind = kindOf(flaw, turns);
      const unfinished = beganAnew(flaw, read, turns);
      const known = found.get(kind);
      if (!known || (known.unfinished && !unfinished)) {
        found.set(kind, { kind, flaw, read, unfinished });
      }
    }
  }
  // Two conversations in one thread overwrite each other as well: that is the same mistake.
  const leak = found.get("cross-thread-leak");
  return leak ? [leak] : [...found.values()];
}

function kindOf(flaw: Flaw, turns: ReadonlyMap<string, Write>): DamageKind {
  const turn = turns.get(flaw.turn ?? "");
  switch (flaw.kind) {
    case "foreign-token":
    case "unknown-token":
      return "cross-thread-leak";
    case "twice":
    case "other-reply": {
      // Said once, and there twice: not a retry, but branches of turns at once grown together.
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

function beganAnew(flaw: Flaw, read: Read, turns: ReadonlyMap<string, Write>): boolean {
  const turn = turns.get(flaw.turn ?? "");
  const next = turn && read.list[read.list.indexOf(turn.token) + 1];
  return flaw.kind === "twice" && next !== undefined && !turn?.replies.includes(next);
}

/** Turns at the same time tear one another, also where it is a later one that shows it. */
function overlapped(turn: Write, turns: ReadonlyMap<string, Write>): boolean {
  return [...turns.values()].some(
    (other) => other !== turn && other.outcome !== "failed" && overlap(turn, other),
  );
}
