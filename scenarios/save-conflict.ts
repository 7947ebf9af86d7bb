import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { failStatements } from "../harness/faults/fail-statements.ts";
import { scenario } from "../harness/engine/scenario.ts";

/** serialization_failure: PostgreSQL asks the client to repeat the transaction. */
const conflict = "40001";

export default scenario({
  claim: "a turn whose saves meet a conflict is reported as failed, and never lost in silence",
  rank: 17,
  needs: ["statements"],
  async run({ deployment, inject, conversation }) {
    const { first } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    await using _ = await inject(failStatements("INSERT", conflict));
    await user.say("another fact", { on: first });
  },
  checks: [remembersEverything],
});
