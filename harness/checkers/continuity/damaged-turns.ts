/** Causes that show within one list: a turn twice, torn, or on the wrong thread. */
import { overlap } from "./causes.ts";
import { flawsOf } from "./integrity.ts";
import type { Flaw, Register } from "./integrity.ts";
import type { Read, ThreadOperations, Write } from "./operations.ts";

type DamageKind =
  | "cross-thread-leak"
  | "duplicated-turn"
  | "duplicated-resend"
  | "torn-turn"
  | "lost-update"
  | "orphaned-tool-call";

export interface Damage {
  readonly kind: DamageKind;
  readonly flaw: Flaw;
  readonly read: Read;
}

/**
 * One damage of each kind, the first. `wedged` is a thread whose transcript has a tool call
 * without its result: then that is why its turns are torn.
 */
export function damagesOf(
  operations: ThreadOperations,
  register: Register,
  wedged: boolean,
): Damage[] {
  const found = new Map<DamageKind, Damage>();
  const turns = new Map(operations.writes.map((write) => [write.turn, write]));
  for (const read of operations.reads.toSorted((one, other) => one.end - other.end)) {
    for (const flaw of flawsOf(read, register)) {
      const kind = kindOf(flaw, read, turns, wedged);
      if (!found.has(kind)) found.set(kind, { kind, flaw, read });
    }
  }
  // Two conversations in one thread overwrite each other as well: that is the same mistake.
  const leak = found.get("cross-thread-leak");
  return leak ? [leak] : [...found.values()];
}

function kindOf(
  flaw: Flaw,
  read: Read,
  turns: ReadonlyMap<string, Write>,
  wedged: boolean,
): DamageKind {
  const turn = turns.get(flaw.turn ?? "");
  switch (flaw.kind) {
    case "foreign-token":
    case "unknown-token":
      return "cross-thread-leak";
    case "twice":
    case "other-reply": {
      const unanswered = !turn?.replies.some((reply) => read.list.includes(reply));
      if (wedged && unanswered) return "orphaned-tool-call";
      return turn?.repeated === "bare" ? "duplicated-resend" : "duplicated-turn";
    }
    case "torn":
    case "stray-reply":
    case "refused-token":
    case "unsaid-token":
      if (turn && overlapped(turn, turns)) return "lost-update";
      return wedged ? "orphaned-tool-call" : "torn-turn";
  }
}

/** Turns at the same time tear one another, also where it is a later one that shows it. */
function overlapped(turn: Write, turns: ReadonlyMap<string, Write>): boolean {
  return [...turns.values()].some(
    (other) => other !== turn && other.outcome !== "failed" && overlap(turn, other),
  );
}
