import { refusesBeforeAnythingRuns } from "../harness/checkers/refuses-before-anything-runs.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a turn without a valid thread id is refused before anything runs",
  rank: 7,
  needs: ["model", "survey"],
  async run({ conversation, survey }) {
    const owner = conversation();
    await owner.say("a private fact");
    await survey("before the turns without a thread", { settled: true });
    const strays = [undefined, "", null, "undefined", 42, owner.threadId];
    for (const threadId of strays) await conversation({ stray: { threadId } }).say("hello");
    await survey("after the turns without a thread");
    await owner.say("what do you remember?");
  },
  checks: [refusesBeforeAnythingRuns, remembersEverything],
});
