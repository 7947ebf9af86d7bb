import type { Mistake } from "./mistake.ts";

/**
 * Two turns may run at once on one thread. Nearly every service has it: LangGraph takes no lock and
 * checks no version. If a user sends two messages quickly, one is lost although both got an answer,
 * and the thread's state can be a mixture of both.
 */
const mistake: Mistake = {
  parts: () => ({
    openGate: () => ({ hold: (_, work) => work(new AbortController().signal) }),
  }),
};

export default mistake;
