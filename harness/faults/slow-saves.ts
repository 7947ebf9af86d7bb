import { defineFault } from "../deployment/fault.ts";

/**
 * Each row that is saved takes `ms` longer. With LangGraph's tables only checkpoint rows do,
 * once per superstep; otherwise every table of the service does.
 * @effect at least one row was saved slowly
 * @heal saves take their normal time
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
