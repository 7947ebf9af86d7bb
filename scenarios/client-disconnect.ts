import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { leavesNoHalfTurn } from "../harness/checkers/leaves-no-half-turn.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { hangUp } from "../harness/faults/hang-up.ts";
import { scenario } from "../harness/engine/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "a turn whose client disconnects is completed, or leaves nothing behind",
  rank: 21,
  needs: ["model-hold", "tools", "state", "retry"],
  async run({ deployment, inject, conversation, hold }) {
    const { first } = deployment;
    const user = conversation();
    const other = conversation();
    await user.say("a fact", { on: first });
    const held = hold(user.next, "search");
    const doomed = user.say("search, then book", { on: first, steps });
    await held.reached();
    {
      await using _ = await inject(hangUp(user));
    }
    await doomed;
    // Once the replica has answered another user, it has seen the disconnect.
    await other.say("meanwhile", { on: first });
    held[Symbol.dispose]();
    await user.readUntilReplied({ on: first });
    await user.retry({ on: first });
    await user.say("what do you remember?", { on: first });
  },
  checks: [leavesNoHalfTurn, remembersEverything, effectsHappenOnce],
});
