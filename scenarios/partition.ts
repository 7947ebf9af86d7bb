import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { isolate } from "../harness/faults/isolate.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a replica that was cut off the network overwrites nothing when it returns",
  rank: 22,
  needs: ["replicas", "isolate", "model-hold"],
  async run({ deployment, inject, conversation, hold }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    const held = hold(user.next, "model call 1");
    const isolated = user.say("a turn that is cut off", { on: first });
    await held.reached();
    let meanwhile;
    {
      await using _ = await inject(isolate(first));
      // The model's answer waits in its socket until the network is back.
      held[Symbol.dispose]();
      meanwhile = user.insist("a turn meanwhile", { on: other });
      await user.answeredInTime();
      await user.read({ on: other });
    }
    await Promise.all([isolated, meanwhile]);
    await user.say("what do you remember?", { on: other });
  },
  checks: [remembersEverything],
});
