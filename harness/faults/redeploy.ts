import { defineFault } from "../deployment/fault.ts";
import type { Environment, Replica } from "../deployment/replica.ts";
import { signalReplica } from "./signal-replica.ts";

/**
 * Sends SIGTERM, as a rolling deploy does, and resolves once the process has ended.
 * @effect the process was running and has ended
 * @heal starts the successor, with `environment` if given
 */
export const redeploy = defineFault("redeploy", (replica: Replica, environment?: Environment) =>
  signalReplica(replica, {
    verb: "redeploy",
    signal: "SIGTERM",
    reaction: "ended",
    heal: async () => replica.running || replica.start(environment),
  }),
);
