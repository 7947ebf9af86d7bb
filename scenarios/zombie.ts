import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { pause } from "../harness/faults/pause.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a replica that was paused in the middle of a turn overwrites nothing when it continues",
  rank: 22,
  needs: ["replicas", "pause", "model-hold"],
  async run({ deployment, inject, conversation, hold }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    const held = hold(user.next, "model call 1");
    const paused = user.say("a turn that is paused", { on: first });
    await held.reached();
    let meanwhile;
    {
      await using _ = await inject(pause(first));
      // The model's answer waits in its socket.
      held[Symbol.dispose]();
      // The other replica answers, refuses, or queues the turn for as long as promised.
      meanwhile = user.insist("a turn meanwhile", { on: other });
      await user.answeredInTime();
      await user.read({ on: other });
    }
    await Promise.all([paused, meanwhile]);
    await user.say("what do you remember?", { on: other });
  },
  checks: [remembersEverything],
});
