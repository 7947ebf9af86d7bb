import { answersInTime } from "../harness/checkers/answers-in-time.ts";
import { noSuccessWithoutSaving } from "../harness/checkers/no-success-without-saving.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { cutDatabase } from "../harness/faults/impair-database.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a replica that starts without its database answers no turn until the database is back",
  rank: 18,
  needs: ["kill", "database-cut"],
  async run({ deployment, inject, conversation, restart, recovered }) {
    const { first } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    {
      await using _ = await inject(cutDatabase());
      await restart(first);
      // It must not answer without its memory, whether it says that it is ready or not.
      await user.say("what do you remember?", { on: first });
    }
    await recovered(first);
    await user.say("and now?", { on: first });
  },
  checks: [noSuccessWithoutSaving, remembersEverything, answersInTime],
});
