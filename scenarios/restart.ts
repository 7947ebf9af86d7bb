import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { kill } from "../harness/faults/kill.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a conversation survives the death of an idle replica",
  rank: 2,
  needs: ["kill"],
  async run({ deployment, inject, conversation }) {
    const { first } = deployment;
    const user = conversation();
    for (const fact of ["one", "two", "three"]) await user.say(`fact ${fact}`, { on: first });
    {
      await using _ = await inject(kill(first));
    }
    await user.say("what do you remember?", { on: first });
  },
  checks: [remembersEverything],
});
