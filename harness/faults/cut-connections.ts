import { defineFault } from "../deployment/fault.ts";

/**
 * Ends every open connection to the database, as a restart of a pooler does.
 * @effect at least one connection was ended
 * @heal nothing to heal: services may connect again at once
 */
export const cutConnections = defineFault("cutConnections", () => {
  return {
    name: "cut database connections",
    replica: null,
    hits: "database",
    async inject(deployment) {
      const ended = await deployment.database.terminateConnections();
      return {
        bite: () => ({ bit: ended > 0, what: `${ended} connections were ended` }),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
});
