import type { Rows } from "./row.ts";

export const unknown = {
  unexplained: {
    title: "No known cause fits",
    meaning: "Something is wrong, and the facts do not tell why.",
    evidence: "Facts that no cause explains whose every requirement was seen.",
    remedy: "Look at the facts, the experiments and the log: they narrow the cause down",
    levels: [],
  },
} as const satisfies Rows;
