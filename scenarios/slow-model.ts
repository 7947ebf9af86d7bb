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
  claim: "a turn whose model fails or hangs ends in time, and its thread stays usable",
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
        // The tools have run by then, and only the reply is missing.
        await using _ = await inject(fault);
        doomed = user.say("search, then book", { on: first, steps });
        inTime = await user.answeredInTime();
      }
      const { kind } = await doomed;
      // The next fault would only show the same.
      if (!inTime) break;
      // A client does not repeat a message that was answered.
      if (kind !== "ok") await user.retry({ on: other });
    }
    await user.say("what do you remember?", { on: other });
  },
  checks: [noSuccessWithoutReply, answersInTime, remembersEverything, effectsHappenOnce],
});
