import { bootsTogether } from "../harness/checkers/boots-together.ts";
import { scenario } from "../harness/engine/scenario.ts";

const races = 10;

export default scenario({
  claim: "replicas that start together on an empty database all become ready",
  rank: 9,
  needs: ["replicas", "boot", "database"],
  async run({ deployment, boot }) {
    for (let race = 1; race <= races; race += 1) {
      await boot("empty", { race: true });
      // Lost once is lost: more of them tell nothing new.
      if (!deployment.replicas.every(({ ready }) => ready)) break;
    }
  },
  checks: [bootsTogether],
});
