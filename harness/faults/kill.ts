import { defineFault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";
import { signalReplica } from "./signal-replica.ts";

/**
 * Sends SIGKILL: the replica's process ends at once, without any clean-up.
 * @effect the process was running and has died
 * @heal starts the replica again
 */
export const kill = defineFault("kill", (replica: Replica) =>
  signalReplica(replica, {
    verb: "kill",
    signal: "SIGKILL",
    reaction: "died",
    heal: async () => replica.running || replica.start(),
  }),
);
