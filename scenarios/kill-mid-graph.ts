import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { finishedStepsAreNotRepeated } from "../harness/checkers/finished-steps-are-not-repeated.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { transcriptWellFormed } from "../harness/checkers/transcript-well-formed.ts";
import { kill } from "../harness/faults/kill.ts";
import { scenario } from "../harness/scenario.ts";
import { pointsOf } from "../harness/turn.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "a turn that is killed mid-graph is finished on the other replica",
  rank: 4,
  needs: ["replicas", "kill", "model-hold", "tools", "retry"],
  async run({ deployment, conversation, hold }) {
    const { first, other } = deployment;
    // Three model calls and two tool calls: each is in flight, for one user, when the replica dies.
    const users = pointsOf(steps).map((point) => ({ point, user: conversation() }));
    await Promise.all(users.map(({ user }) => user.say("a fact", { on: first })));
    const doomed = users.map(({ user, point }) => {
      const held = hold(user.next, point);
      return { held, outcome: user.say("search, then book", { on: first, steps }) };
    });
    await Promise.all(doomed.map(({ held }) => held.reached()));
    {
      await using _ = await deployment.inject(kill(first));
      await Promise.all(doomed.map(({ outcome }) => outcome));
    }
    for (const { user } of users) {
      await user.retry({ on: other });
      await user.say("what do you remember?", { on: other });
    }
  },
  checks: [
    remembersEverything,
    effectsHappenOnce,
    finishedStepsAreNotRepeated,
    transcriptWellFormed,
  ],
});
