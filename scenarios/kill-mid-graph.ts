import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { finishedStepsAreNotRepeated } from "../harness/checkers/finished-steps-are-not-repeated.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { transcriptWellFormed } from "../harness/checkers/transcript-well-formed.ts";
import { killMidTurn } from "../harness/engine/kill-mid-turn.ts";
import { scenario } from "../harness/engine/scenario.ts";
import { pointsOf } from "../harness/history/point.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "a turn that is killed mid-graph is finished on the other replica",
  rank: 4,
  needs: ["replicas", "kill", "model-hold", "tools", "retry"],
  async run(stage) {
    const { first, other } = stage.deployment;
    // When the replica dies, each model call and tool call of a turn is in flight for one user.
    const users = await killMidTurn(stage, { on: first, steps, points: pointsOf(steps) });
    for (const user of users) {
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
