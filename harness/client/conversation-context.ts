import type { Deployment } from "../deployment/deployment.ts";
import type { RunContext } from "../deployment/run-context.ts";
import type { HttpClient } from "./http-client.ts";
import type { MemoryProbe } from "./memory-probe.ts";
import type { OneAtATime } from "./one-at-a-time.ts";

/** The resources that the conversations of one run share. */
export interface ConversationContext extends RunContext {
  readonly deployment: Deployment;
  readonly client: HttpClient;
  readonly memory: MemoryProbe;
  /** In the experiment without overlapping turns; null: attempts may overlap. */
  readonly gate: OneAtATime | null;
}
