import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { clockAhead } from "../harness/faults/clock-ahead.ts";
import { scenario } from "../harness/engine/scenario.ts";

/** Longer than the workload, so that every turn of it is earlier than the time of that clock. */
const aheadMs = 60_000;

export default scenario({
  claim: "a replica whose clock is ahead hides no turn of the other replicas",
  rank: 23,
  needs: ["replicas", "kill", "clock"],
  async run({ deployment, inject, conversation }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: other });
    {
      await using _ = await inject(clockAhead(first, aheadMs));
      for (const round of ["one", "two"]) {
        // A replica that checks its clock may refuse.
        await user.say(`fact ${round}`, { on: first });
        await user.say(`another fact ${round}`, { on: other });
      }
    }
    await user.say("what do you remember?", { on: other });
  },
  checks: [remembersEverything],
});
