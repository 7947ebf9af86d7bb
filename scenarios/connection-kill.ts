import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { cutConnections } from "../harness/faults/cut-connections.ts";
import { scenario } from "../harness/scenario.ts";

export default scenario({
  claim: "a service survives the loss of its idle database connections",
  rank: 15,
  needs: ["database", "model"],
  async run({ deployment, conversation }) {
    const user = conversation();
    await user.say("a fact");
    await user.say("another fact");
    {
      await using _ = await deployment.inject(cutConnections());
    }
    for (const replica of deployment.replicas) await user.say("still there?", { on: replica });
  },
  checks: [remembersEverything],
});
