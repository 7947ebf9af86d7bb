import type { Parts } from "../parts.ts";
import { sentenceOf } from "../refusal.ts";
import { threadsTable } from "../threads.ts";

/**
 * saver.setup() is never called; only the application's own table is migrated. And readiness asks
 * no more than whether the database answers. Found where setup() was run once by hand, until there
 * is a new environment: the replica is ready, takes traffic, and each turn fails with 42P01.
 */
export default function noSetup(parts: Parts): Parts {
  return {
    ...parts,
    openSchema: ({ work }) => ({
      prepare: () =>
        work.query(`SELECT pg_advisory_xact_lock(1); ${threadsTable}`).then(
          () => undefined,
          (error: unknown) => console.error(`no table of threads: ${sentenceOf(error)}`),
        ),
      probe: () => work.query("SELECT 1").then(() => undefined, sentenceOf),
      obstacle: () => undefined,
    }),
  };
}
