import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { refuseConnections } from "../harness/faults/refuse-connections.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a replica that gets no database connection answers no turn from an empty memory",
  rank: 19,
  needs: ["replicas", "kill", "database-refuse"],
  async run({ deployment, inject, conversation, restart }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    {
      // The other replica keeps its open connections, and the new process gets none.
      await using _ = await inject(refuseConnections());
      await restart(first);
      await user.say("what do you remember?", { on: first });
      await user.say("what do you remember?", { on: other });
    }
    await first.recovered();
    await user.say("and now?", { on: first });
  },
  checks: [remembersEverything],
});
