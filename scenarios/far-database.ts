import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { delayDatabase, throttleDatabase } from "../harness/faults/impair-database.ts";
import { kill } from "../harness/faults/kill.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a turn is saved before it is answered, also when the database is far away",
  rank: 31,
  needs: ["replicas", "kill", "database", "survey"],
  async run({ deployment, inject, conversation, random, survey }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    // The first turn is saved: only the next one can be lost.
    await survey("before the far turn", { settled: true });
    {
      await using _far = await inject(delayDatabase(30));
      await using _narrow = await inject(throttleDatabase(100_000));
      await user.say(random.text(5_000), { on: first });
      // The client has its answer, and the replica dies at once.
      await using _killed = await inject(kill(first));
    }
    await user.say("what do you remember?", { on: other });
  },
  checks: [remembersEverything],
});
