import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { finishedStepsAreNotRepeated } from "../harness/checkers/finished-steps-are-not-repeated.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { kill } from "../harness/faults/kill.ts";
import { slowSaves } from "../harness/faults/slow-saves.ts";
import { scenario } from "../harness/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "a step that has begun to act on another was saved before, however slow the database is",
  rank: 6,
  needs: ["replicas", "kill", "model-hold", "tools", "retry", "database"],
  async run({ deployment, conversation, hold }) {
    const { first, other } = deployment;
    for (const saveMs of [0, 120]) {
      const user = conversation();
      await user.say("a fact", { on: first });
      {
        await using _slow = await deployment.inject(slowSaves(saveMs));
        const held = hold(user.next, "book");
        const doomed = user.say("search, then book", { on: first, steps });
        await held.reached();
        await using _killed = await deployment.inject(kill(first));
        await doomed;
      }
      await user.retry({ on: other });
      await user.say("what do you remember?", { on: other });
    }
  },
  checks: [finishedStepsAreNotRepeated, effectsHappenOnce, remembersEverything],
});
