import { defineFault } from "../deployment/fault.ts";

/**
 * Answers each statement of a name ("INSERT checkpoints", or "INSERT" for all tables) with an error
 * of this SQLSTATE and does not execute it: "40001" is a conflict, "53300" too many connections.
 * Needs "statements".
 * @effect at least one statement failed
 * @heal statements are executed again
 */
export const failStatements = defineFault(
  "failStatements",
  (statement: string, sqlstate: string) => {
    if (!/^[0-9A-Z]{5}$/.test(sqlstate)) {
      throw new Error(`"${sqlstate}" is not a SQLSTATE: five digits or capitals, like 40001`);
    }
    return {
      name: `${statement} fails with ${sqlstate}`,
      replica: null,
      hits: "database",
      async inject(deployment) {
        const failing = deployment.wires.database.failStatements(statement, sqlstate);
        return {
          bite: () => ({ bit: failing.count > 0, what: `${failing.count} statements failed` }),
          [Symbol.asyncDispose]: async () => failing[Symbol.dispose](),
        };
      },
    };
  },
);
