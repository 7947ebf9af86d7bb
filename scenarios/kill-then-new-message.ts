import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { transcriptWellFormed } from "../harness/checkers/transcript-well-formed.ts";
import { kill } from "../harness/faults/kill.ts";
import { scenario } from "../harness/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "after a turn was killed mid-graph the user can just go on",
  rank: 5,
  needs: ["replicas", "kill", "model-hold", "tools"],
  async run({ deployment, conversation, hold }) {
    const { first, other } = deployment;
    for (const point of ["search", "model call 2", "book"]) {
      const user = conversation();
      await user.say("a fact", { on: first });
      {
        using held = hold(user.next, point);
        const doomed = user.say("search, then book", { on: first, steps });
        await held.reached();
        await using _ = await deployment.inject(kill(first));
        await doomed;
      }
      // Nobody repeats the message: the user has already typed the next one.
      await user.say("never mind, something else", { on: other });
      await user.say("what do you remember?", { on: other });
    }
  },
  checks: [remembersEverything, transcriptWellFormed, effectsHappenOnce],
});
