import type { Parts } from "../parts.ts";

/**
 * SIGTERM ends the process at once, as it does where nobody handles it. Found in most services.
 * Each deploy cuts the turns that run, and the balancer still sends requests to the replica that is
 * gone.
 */
export default function noDrain(parts: Parts): Parts {
  // 128 + 15: what a shell reports of a process that SIGTERM has ended.
  return { ...parts, shutDown: async () => 143 };
}
