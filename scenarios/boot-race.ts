import { bootsTogether } from "../harness/checkers/boots-together.ts";
import { scenario } from "../harness/engine/scenario.ts";

/** A race is a matter of luck; one replica alone has no rival, so one boot shows what it does. */
const races = (replicas: number): number => (replicas > 1 ? 10 : 1);

export default scenario({
  claim: "replicas that start together on an empty database all become ready",
  rank: 9,
  needs: ["replicas", "boot", "database"],
  async run({ deployment, boot }) {
    for (let race = 1; race <= races(deployment.replicas.length); race += 1) {
      await boot("empty", { race: true });
      // One lost race decides the verdict.
      if (!deployment.replicas.every(({ ready }) => ready)) break;
    }
  },
  checks: [bootsTogether],
});
