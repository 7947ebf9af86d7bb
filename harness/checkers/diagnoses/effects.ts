import type { Rows } from "./row.ts";

export const effects = {
  "missing-effect": {
    title: "A tool was reported as done and never acted",
    meaning: "The service confirms the order to the user, and it was never placed.",
    evidence: "A turn was answered with success, and the ledger admitted no call of its tool step.",
    remedy:
      "Answer ok only after every tool of the turn has answered, and let a failed tool fail the" +
      " turn: ToolNode turns an error into a message, and the model talks over it",
    levels: [],
  },
  "unsaved-effect": {
    title: "A tool acts on a decision that was not saved",
    meaning: "Something was done, and the conversation will not know why, or that it was.",
    evidence: "A tool was called after a model call whose answer could not have been saved.",
    remedy:
      'Run the graph with durability "sync" if tools act, so that a step is saved before the next' +
      " one begins: with async and exit a turn acts on decisions that are lost in a crash",
    levels: [],
  },
  "effect-of-an-absent-turn": {
    title: "A tool acted for a turn that is not in the thread",
    meaning: "Something was done, and the conversation shows no sign of it.",
    evidence: "The client left, a tool had acted, and the next read of the thread lacks the turn.",
    remedy:
      "Save each step before the next one acts, and roll nothing back: a turn that has acted belongs" +
      " in the thread, even if its client is gone",
    levels: [],
  },
  "effect-of-a-refused-turn": {
    title: "A refused turn acts",
    meaning: "A request that was refused has changed something all the same.",
    evidence: "Every attempt of a turn was refused, and the ledger admitted a call of its tool.",
    remedy:
      "Refuse (thread id, owner, busy thread) before the graph is invoked: with durability async or" +
      " exit the nodes have run by the time the saver throws",
    levels: [],
  },
} as const satisfies Rows;
