import type { Fault } from "../deployment/fault.ts";

/** Ends every connection to the database, as a restart of a pooler does. Nothing to heal. */
export function cutConnections(): Fault {
  return {
    name: "cut database connections",
    replica: null,
    made: { by: "cutConnections", from: [] },
    async inject(deployment) {
      const ended = await deployment.database.terminateConnections();
      return {
        bite: () => ({ bit: ended > 0, what: `${ended} connections were ended` }),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}
