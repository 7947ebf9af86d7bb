import { defineFault } from "../deployment/fault.ts";

/**
 * The disk of the database is full: each insert and update fails with SQLSTATE 53100.
 * @effect at least one row was refused
 * @heal rows are accepted again
 */
export const fillDisk = defineFault("fillDisk", () => {
  return {
    name: "the disk is full",
    replica: null,
    hits: "database",
    stops: "saves",
    async inject({ database }) {
      const held = await database.refuseWrites();
      let rows = 0;
      return {
        bite: () => ({ bit: rows > 0, what: `${rows} rows were refused` }),
        async [Symbol.asyncDispose]() {
          await held[Symbol.asyncDispose]();
          rows = await held.met();
        },
      };
    },
  };
});

/**
 * The database takes no writes, as after a failover to a standby: all sessions are ended, and
 * new ones can only read (SQLSTATE 25006).
 * @effect at least one session was ended or could only read
 * @heal writes are accepted again
 */
export const readOnly = defineFault("readOnly", () => {
  return {
    name: "the database is read only",
    replica: null,
    hits: "database",
    stops: "saves",
    async inject({ database }) {
      const held = await database.readOnly();
      return {
        bite: () => ({
          bit: held.ended + held.read > 0,
          what: `${held.ended} sessions were ended, and ${held.read} could only read`,
        }),
        [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
      };
    },
  };
});
