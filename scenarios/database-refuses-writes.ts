import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { noSuccessWithoutSaving } from "../harness/checkers/no-success-without-saving.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { fillDisk, readOnly } from "../harness/faults/refuse-writes.ts";
import { scenario } from "../harness/engine/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "a turn that cannot be saved is not reported as done, and has no further effect",
  rank: 17,
  needs: ["database", "model-hold", "tools", "retry"],
  async run({ deployment, inject, conversation, hold }) {
    const { first } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    {
      // The turn has searched and is about to book.
      using held = hold(user.next, "search");
      const doomed = user.say("search, then book", { on: first, steps });
      await held.reached();
      await using _ = await inject(fillDisk());
      held[Symbol.dispose]();
      // A client does not repeat a message that was answered.
      if ((await doomed).kind === "ok") return;
    }
    await user.retry({ on: first });
    {
      await using _ = await inject(readOnly());
      await user.say("another fact", { on: first });
    }
    await user.retry({ on: first });
  },
  checks: [noSuccessWithoutSaving, remembersEverything, effectsHappenOnce],
});
