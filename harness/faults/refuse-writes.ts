import { defineFault } from "../deployment/fault.ts";

/** A full disk: no row can be inserted or updated (53100). It bites where one is refused. */
export const fillDisk = defineFault("fillDisk", () => {
  return {
    name: "the disk is full",
    replica: null,
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
 * A database that takes no writes, as after a failover to a standby: every session is ended, and
 * new ones read only (25006). It bites where there were sessions.
 */
export const readOnly = defineFault("readOnly", () => {
  return {
    name: "the database is read only",
    replica: null,
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
