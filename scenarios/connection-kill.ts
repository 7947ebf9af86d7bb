import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import { cutConnections } from "../harness/faults/cut-connections.ts";
import { resetDatabase } from "../harness/faults/impair-database.ts";
import { lockTables } from "../harness/faults/lock-tables.ts";
import { scenario } from "../harness/engine/scenario.ts";

export default scenario({
  claim:
    "a service survives the loss of its database connections, idle or in the middle of a write",
  rank: 15,
  needs: ["database"],
  async run({ deployment, inject, conversation }) {
    const { first } = deployment;
    const user = conversation();
    await user.say("a fact", { on: first });
    let doomed;
    {
      // The first save waits for the lock, so the connection is lost in the middle of a write.
      await using locked = await inject(lockTables("writes"));
      doomed = user.say("another fact", { on: first });
      await Promise.race([locked.reached(), doomed]);
      await using _ = await inject(cutConnections());
    }
    await doomed;
    await user.say("where were we?", { on: first });
    {
      await using _ = await inject(cutConnections());
    }
    const still = await user.say("still there?", { on: first });
    // If the turn met the lost connection, the service has none yet that could be reset.
    if (still.kind !== "ok") await user.say("still there now?", { on: first });
    {
      await using _ = await inject(resetDatabase());
      await user.say("anybody there?", { on: first });
    }
    await user.say("and now?", { on: first });
  },
  checks: [remembersEverything],
});
