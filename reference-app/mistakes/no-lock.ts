import type { Parts } from "../parts.ts";

/**
 * Two turns may run at once on one thread. Found in nearly every service: LangGraph takes no lock
 * and checks no version. Of two messages sent quickly one is lost, although both were answered, and
 * the thread's state can be put together from both.
 */
export default function noLock(parts: Parts): Parts {
  return {
    ...parts,
    openGate: () => ({ hold: (_, work) => work(new AbortController().signal) }),
  };
}
