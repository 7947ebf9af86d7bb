import { defineFault } from "../deployment/fault.ts";

/**
 * Each statement of a name ("INSERT checkpoints", "COMMIT") is answered with an error of this
 * SQLSTATE, in place of being executed: "40001" is a conflict, "53300" too many connections. For
 * scenarios that need "statements". It bites where there was one.
 */
export const failStatements = defineFault(
  "failStatements",
  (statement: string, sqlstate: string) => {
    if (!/^[0-9A-Z]{5}$/.test(sqlstate)) {
      throw new Error(`"${sqlstate}" is no SQLSTATE: that is five digits or capitals, like 40001`);
    }
    return {
      name: `${statement} fails with ${sqlstate}`,
      replica: null,
      async inject(deployment) {
        const failing = deployment.failStatements(statement, sqlstate);
        return {
          bite: () => ({ bit: failing.count > 0, what: `${failing.count} statements failed` }),
          [Symbol.asyncDispose]: async () => failing[Symbol.dispose](),
        };
      },
    };
  },
);
