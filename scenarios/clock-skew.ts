import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { clockAhead } from "../harness/faults/clock-ahead.ts";
import { scenario } from "../harness/engine/scenario.ts";

/** More than the workload takes: what is said meanwhile is said before the time of that clock. */
const aheadMs = 60_000;

export default scenario({
  claim: "a replica whose clock is ahead makes nobody forget the turns of the others",
  rank: 23,
  needs: ["replicas", "kill", "clock"],
  async run({ deployment, inject, conversation }) {
    const { first, other } = deployment;
    const user = conversation();
    await user.say("a fact", { on: other });
    {
      await using _ = await inject(clockAhead(first, aheadMs));
      for (const round of ["one", "two"]) {
        // A replica that knows of its clock may refuse.
        await user.say(`fact ${round}`, { on: first });
        await user.say(`another fact ${round}`, { on: other });
      }
    }
    await user.say("what do you remember?", { on: other });
  },
  checks: [remembersEverything],
});
