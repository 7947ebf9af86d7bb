import { defineFault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";
import { signalReplica } from "./signal-replica.ts";

/**
 * Sends SIGSTOP: the replica freezes with everything it has in memory and in flight. It keeps
 * its connections, so other processes cannot tell it from a slow one.
 * @effect the process was running and was stopped
 * @heal sends SIGCONT: the replica continues where it was, unaware of the gap
 */
export const pause = defineFault("pause", (replica: Replica) =>
  signalReplica(replica, {
    verb: "pause",
    signal: "SIGSTOP",
    reaction: "was stopped",
    async heal() {
      await replica.signal("SIGCONT");
      await replica.recovered();
    },
  }),
);
