import { channelsAgree } from "../harness/checkers/channels-agree.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "after concurrent turns, all channels of a thread's state show the same turns",
  rank: 12,
  needs: ["replicas", "model-hold", "tools", "state", "channels"],
  async run({ deployment, conversation, hold }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    await user.read({ on: first });
    const held = hold(user.next, "model call 1");
    const slow = user.say("a turn that is under way", { on: first });
    await held.reached();
    const meanwhile = user.say("a turn meanwhile", { on: other });
    // The service answers, refuses, or queues it for as long as promised.
    await user.answeredInTime();
    held[Symbol.dispose]();
    await Promise.all([slow, meanwhile]);
    await user.read({ on: other });
    // A longer turn continues from one of the two and overwrites the other.
    await user.say("a turn with a step", { on: first, steps: ["search"] });
    await user.read({ on: other });
  },
  checks: [channelsAgree, remembersEverything],
});
