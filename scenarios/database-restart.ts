import { answersInTime } from "../harness/checkers/answers-in-time.ts";
import { effectsHappenOnce } from "../harness/checkers/effects-happen-once.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { crashDatabase } from "../harness/faults/crash-database.ts";
import { midTurn } from "../harness/engine/mid-turn.ts";
import { scenario } from "../harness/engine/scenario.ts";

const steps = ["search", "book"];

export default scenario({
  claim: "a database crash loses no acknowledged turn, and turns succeed once it is back",
  rank: 14,
  needs: ["database-restart", "model-hold", "tools", "retry"],
  async run(stage) {
    const { deployment, conversation } = stage;
    const { first } = deployment;
    const late = conversation();
    await late.say("a fact");
    // Four users, each at another point of a turn, and one who sends while the database is down.
    const points = ["model call 1", "search", "book", "model call 3"];
    const meanwhile = () => late.say("anybody there?");
    const users = await midTurn(stage, { on: first, steps, points, meanwhile }, crashDatabase());
    for (const user of users) await user.retry({ on: first });
  },
  checks: [remembersEverything, effectsHappenOnce, answersInTime],
});
