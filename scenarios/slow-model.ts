import { answersInTime } from "../harness/checkers/answers-in-time.ts";
import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { noSuccessWithoutReply } from "../harness/checkers/no-success-without-reply.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import {
  cutReplies,
  failModel,
  shortenReplies,
  silenceModel,
  stallReplies,
} from "../harness/faults/impair-model.ts";
import { scenario } from "../harness/engine/scenario.ts";

const steps = ["search", "book"];
const errors = [failModel(429), failModel(500), cutReplies(), shortenReplies()];

export default scenario({
  claim: "a turn that its model keeps waiting or fails ends in time, and its thread stays usable",
  rank: 24,
  needs: ["replicas", "model-hold", "retry"],
  async run({ deployment, inject, conversation }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    for (const fault of [...errors, stallReplies(), silenceModel()]) {
      let doomed;
      let inTime;
      {
        // What its tools do is done by then: only the reply is missing.
        await using _ = await inject(fault);
        doomed = user.say("search, then book", { on: first, steps });
        inTime = await user.answeredInTime();
      }
      const { kind } = await doomed;
      // Who waits for ever once does so always: more of it tells nothing new.
      if (!inTime) break;
      // Nobody repeats what was answered.
      if (kind !== "ok") await user.retry({ on: other });
    }
    await user.say("what do you remember?", { on: other });
  },
  checks: [noSuccessWithoutReply, answersInTime, remembersEverything, effectsHappenOnce],
});
