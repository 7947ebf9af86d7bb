import { defineFault, type HeldFault, type Injection } from "../deployment/fault.ts";

/** A lock that is held on tables. */
interface HeldLock extends HeldFault {
  /** Resolves once a statement waits for it; at the deadline too, and then it bit nothing. */
  reached(): Promise<void>;
}

const deadlineMs = 10_000;

/**
 * A transaction of somebody else that locks the tables into which turns are saved, as a migration
 * does: who wants to write waits, with "everything" who wants to read, too. It bites where a
 * statement waits for it.
 */
export const lockTables = defineFault(
  "lockTables",
  (against: "writes" | "everything"): Injection<HeldLock> => {
    return {
      name: `tables are locked against ${against}`,
      replica: null,
      stops: "saves",
      async inject({ database }) {
        const locked = await database.lockTables(against);
        const waited = () =>
          locked.met ? "a statement waited for it" : "no statement waited for it";
        return {
          reached: () => locked.reached(deadlineMs),
          bite: () => ({ bit: locked.met, what: waited() }),
          [Symbol.asyncDispose]: () => locked[Symbol.asyncDispose](),
        };
      },
    };
  },
);
