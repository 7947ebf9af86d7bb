import { knownEverywhere } from "../harness/checkers/known-everywhere.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a conversation survives a change of replica",
  rank: 1,
  needs: ["replicas"],
  async run({ conversation }) {
    const ann = conversation();
    const ben = conversation();
    for (let turn = 1; turn <= 10; turn += 1) {
      // The order alternates, so that each user meets both replicas.
      const [one, two] = turn % 2 === 0 ? [ann, ben] : [ben, ann];
      await one.say(`fact ${turn}`);
      await two.say(`fact ${turn}`);
    }
  },
  checks: [remembersEverything, knownEverywhere],
});
