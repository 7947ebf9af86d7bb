import { keepsBusyPromise } from "../harness/checkers/keeps-busy-promise.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { scenario } from "../harness/engine/scenario.ts";

const atOnce = 4;

export default scenario({
  claim: "concurrent turns on one thread are each kept or refused",
  rank: 11,
  needs: ["replicas", "model-hold"],
  async run({ deployment, conversation, hold }) {
    const user = conversation();
    await user.say("a fact");
    for (let round = 1; round <= 3; round += 1) {
      // The first turn is inside its model call when the others arrive, so they overlap. For a
      // service that queues turns the call ends after a second.
      using held = hold(user.next, "model call 1", { atMostMs: 1_000 });
      const slow = user.say(`message 1 of round ${round}`, { on: deployment.first });
      await held.reached();
      const others = Array.from({ length: atOnce - 1 }, (_, i) => {
        const on = i % 2 === 0 ? deployment.other : deployment.first;
        return user.say(`message ${i + 2} of round ${round}`, { on });
      });
      await Promise.race(others);
      held[Symbol.dispose]();
      await Promise.all([slow, ...others]);
    }
  },
  checks: [remembersEverything, keepsBusyPromise],
});
