import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { transcriptWellFormed } from "../harness/checkers/transcript-well-formed.ts";
import { kill } from "../harness/faults/kill.ts";
import { scenario } from "../harness/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "after a turn was killed mid-graph the user can just go on",
  rank: 5,
  needs: ["replicas", "kill", "model-hold", "tools"],
  async run({ deployment, conversation, hold }) {
    const { first, other } = deployment;
    // After a finished tool, and with a tool call in flight: one user for each.
    const users = ["search", "model call 2", "book"].map((point) => ({
      point,
      user: conversation(),
    }));
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
      // Nobody repeats the message: the user has already typed the next one.
      await user.say("never mind, something else", { on: other });
      await user.say("what do you remember?", { on: other });
    }
  },
  checks: [remembersEverything, transcriptWellFormed, effectsHappenOnce],
});
