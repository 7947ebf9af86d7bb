import { defineFault } from "../deployment/fault.ts";

/**
 * A database that is slow to save: each row that is written takes longer, by so many milliseconds.
 * With LangGraph's tables only each checkpoint does, once per superstep; else every table of the
 * target. It has bitten where a row was saved while it was held.
 */
export const slowSaves = defineFault("slowSaves", (ms: number) => {
  return {
    name: `saves slowed by ${ms} ms`,
    replica: null,
    async inject({ database }) {
      const held = await database.slowSaves(ms);
      let rows = 0;
      return {
        bite: () => ({ bit: rows > 0, what: `${rows} rows were saved slowly` }),
        async [Symbol.asyncDispose]() {
          await held[Symbol.asyncDispose]();
          rows = await held.met();
        },
      };
    },
  };
});
