import { sentenceOf } from "../refusal.ts";
import { threadsTable } from "../threads.ts";
import type { Mistake } from "./mistake.ts";

/**
 * The service migrates only its own table and never calls saver.setup(). Its ready check only asks
 * whether the database answers. Services have it where somebody ran setup() once by hand. In a new
 * environment the replica is ready, gets traffic, and each turn fails with 42P01.
 */
const mistake: Mistake = {
  parts: () => ({
    openSchema: ({ work }) => ({
      prepare: () =>
        work.query(`SELECT pg_advisory_xact_lock(1); ${threadsTable}`).then(
          () => undefined,
          (error: unknown) => console.error(`no table of threads: ${sentenceOf(error)}`),
        ),
      probe: () => work.query("SELECT 1").then(() => undefined, sentenceOf),
      obstacle: () => undefined,
    }),
  }),
};

export default mistake;
