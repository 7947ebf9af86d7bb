import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { loseReply } from "../harness/faults/lose-reply.ts";
import { scenario } from "../harness/engine/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "a message that is repeated because its reply is lost or late takes effect once",
  rank: 20,
  needs: ["replicas", "model-hold", "retry"],
  async run({ deployment, inject, conversation, hold }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    {
      await using _ = await inject(loseReply(user.next));
      await user.say("search, then book", { on: first, steps });
    }
    await user.retry({ on: other });
    {
      // The reply is late, so the second attempt meets the first one. A service that makes the
      // second wait does so while the call is held.
      using held = hold(user.next, "model call 1", { atMostMs: 1_000 });
      const slow = user.say("search, then book", { on: first, steps });
      await held.reached();
      const repeated = user.retry({ on: other });
      await Promise.race([repeated, slow]);
      held[Symbol.dispose]();
      await Promise.all([slow, repeated]);
    }
    await user.retry({ on: other });
    await user.say("what do you remember?", { on: other });
  },
  checks: [remembersEverything, effectsHappenOnce],
});
