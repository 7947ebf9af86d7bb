import { growthIsBounded } from "../harness/checkers/growth-is-bounded.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { scenario } from "../harness/engine/scenario.ts";

const turns = 32;
const bytes = 1_000;

export default scenario({
  claim: "storage grows no faster than the conversation, and a deleted thread leaves nothing",
  rank: 10,
  needs: ["survey"],
  async run({ deployment, conversation, random, survey }) {
    const user = conversation();
    const kept = conversation();
    await kept.say("a neighbour's fact");
    for (let turn = 1; turn <= turns; turn += 1) {
      // The text is incompressible: compression of long values would hide the curve.
      await user.say(random.text(bytes), { on: deployment.first });
      if (turn % 4 === 0) await survey(`after ${turn} turns`, { turns: turn, of: user });
    }
    await user.read();
    await user.delete();
    await survey("after the delete", { of: user, settled: true });
  },
  checks: [growthIsBounded, remembersEverything],
});
