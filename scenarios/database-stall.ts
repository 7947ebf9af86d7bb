import { answersInTime } from "../harness/checkers/answers-in-time.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { stallDatabase } from "../harness/faults/impair-database.ts";
import { lockTables } from "../harness/faults/lock-tables.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim: "a turn that waits for the database ends with an error in time, and the next is answered",
  rank: 16,
  needs: ["database"],
  async run({ deployment, inject, conversation }) {
    const { first } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    for (const fault of [lockTables("everything"), stallDatabase()]) {
      let waiting;
      let inTime;
      {
        await using _ = await inject(fault);
        waiting = user.say("anybody there?", { on: first });
        inTime = await user.answeredInTime();
      }
      await waiting;
      // The next fault would only show the same.
      if (!inTime) break;
      await user.say("what do you remember?", { on: first });
    }
  },
  checks: [answersInTime, remembersEverything],
});
