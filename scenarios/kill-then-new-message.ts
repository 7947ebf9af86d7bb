import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { transcriptWellFormed } from "../harness/checkers/transcript-well-formed.ts";
import { killMidTurn } from "../harness/engine/kill-mid-turn.ts";
import { scenario } from "../harness/engine/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "after a turn is killed mid-graph, its thread accepts a new message",
  rank: 5,
  needs: ["replicas", "kill", "model-hold", "tools"],
  async run(stage) {
    const { first, other } = stage.deployment;
    // One user for each: after a finished tool, and with a tool call in flight.
    const points = ["search", "model call 2", "book"];
    const users = await killMidTurn(stage, { on: first, steps, points });
    for (const user of users) {
      // The user does not repeat the message, but sends another one.
      await user.say("never mind, something else", { on: other });
      await user.say("what do you remember?", { on: other });
    }
  },
  checks: [remembersEverything, transcriptWellFormed, effectsHappenOnce],
});
