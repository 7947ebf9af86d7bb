import { drains } from "../harness/checkers/drains.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { redeploy } from "../harness/faults/redeploy.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a rolling redeploy loses no turn",
  rank: 3,
  needs: ["replicas", "terminate"],
  async run({ deployment, inject, conversation, hold }) {
    const user = conversation();
    await user.say("a fact");
    for (const replica of deployment.replicas) {
      // One turn is in flight on the replica when it gets SIGTERM.
      const rider = conversation();
      const held = hold(rider.next, "model call 1");
      const riding = rider.say("a long turn", { on: replica });
      await held.reached();
      const going = inject(redeploy(replica));
      await user.say("a turn during the redeploy");
      held[Symbol.dispose]();
      await riding;
      await user.say("another turn during the redeploy");
      await using _ = await going;
      await user.say("a turn on the other replica");
    }
    await user.say("what do you remember?");
  },
  checks: [remembersEverything, drains],
});
