import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { finishedStepsAreNotRepeated } from "../harness/checkers/finished-steps-are-not-repeated.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { killMidTurn } from "../harness/engine/kill-mid-turn.ts";
import { slowSaves } from "../harness/faults/slow-saves.ts";
import { scenario } from "../harness/engine/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "a finished step is saved before the next one acts, however slow the database is",
  rank: 6,
  needs: ["replicas", "kill", "model-hold", "tools", "retry", "database"],
  async run(stage) {
    const { first, other } = stage.deployment;
    for (const saveMs of [0, 120]) {
      let users;
      {
        await using _slow = await stage.inject(slowSaves(saveMs));
        users = await killMidTurn(stage, { on: first, steps, points: ["book"] });
      }
      for (const user of users) {
        await user.retry({ on: other });
        await user.say("what do you remember?", { on: other });
      }
    }
  },
  checks: [finishedStepsAreNotRepeated, effectsHappenOnce, remembersEverything],
});
