import type { Deployment } from "../deployment/deployment.ts";
import type { Recording } from "../history/recording.ts";
import type { Sight } from "./memory-probe.ts";
import type { Wire } from "./http-client.ts";
import type { Target } from "../config/configuration.ts";
import type { Turns } from "../history/turn.ts";
import type { Holds } from "../wires/hold.ts";

/** What conversations share in one run of a scenario. */
export interface Surroundings {
  readonly target: Target;
  readonly deployment: Deployment;
  readonly wire: Wire;
  readonly turns: Turns;
  readonly holds: Holds;
  readonly recording: Recording;
  readonly sight: Sight;
  /** Of this run alone: users and threads of an earlier one may still be there. */
  readonly run: string;
}
