import { trustedClock } from "../clock.ts";
import type { Parts } from "../parts.ts";

/**
 * Nobody looks at the clocks. Found in nearly every service, because nothing says that LangGraph
 * orders checkpoints by them. Of two replicas the one that is behind stores its turns below those
 * of the other: they are answered with 200, and never seen again.
 */
export default function noClockCheck(parts: Parts): Parts {
  return { ...parts, openClock: () => trustedClock };
}
