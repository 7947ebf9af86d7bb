import { defineFault, type HeldFault, type Injection } from "../deployment/fault.ts";

/** A lock on tables, held until dispose. */
export interface HeldLock extends HeldFault {
  /** Resolves once a statement waits for the lock, or at the deadline, then without effect. */
  reached(): Promise<void>;
}

const deadlineMs = 10_000;

/**
 * A foreign transaction locks the tables that turns are saved into, as a migration does. With
 * "writes" writers wait; with "everything" readers wait too.
 * @effect at least one statement waited for the lock
 * @heal ends the transaction
 */
export const lockTables = defineFault(
  "lockTables",
  (against: "writes" | "everything"): Injection<HeldLock> => {
    return {
      name: `tables are locked against ${against}`,
      replica: null,
      hits: "database",
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
