import { readyMeansServing } from "../harness/checkers/ready-means-serving.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a replica on an empty database prepares it, or is not ready and says why",
  rank: 8,
  needs: ["boot", "database"],
  async run({ deployment, conversation, boot }) {
    for (const database of ["empty", "empty, without CREATE"] as const) {
      await boot(database);
      for (const replica of deployment.replicas.filter((it) => it.ready)) {
        const user = conversation();
        await user.say("a fact", { on: replica });
        await user.say("what do you remember?", { on: replica });
      }
    }
  },
  checks: [readyMeansServing, remembersEverything],
});
