import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { kill } from "../harness/faults/kill.ts";
import { slowSaves } from "../harness/faults/slow-saves.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a reply is sent only after its turn is saved, however slow the database is",
  rank: 31,
  needs: ["kill", "database", "survey"],
  async run({ deployment, inject, conversation, survey }) {
    const { first } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    // The first turn is saved: only the next one can be lost.
    await survey("before the slow turn", { settled: true });
    {
      await using _slow = await inject(slowSaves(300));
      await user.say("another fact", { on: first });
      // The client has its answer, and the replica dies at once.
      await using _killed = await inject(kill(first));
    }
    await user.say("what do you remember?", { on: first });
  },
  checks: [remembersEverything],
});
