import type { Mistake } from "./mistake.ts";

/**
 * SIGTERM ends the process at once, as it does where nothing handles it. Most services have it.
 * Each deploy cuts the running turns, and the load balancer still sends requests to the replica
 * after it has ended.
 */
const mistake: Mistake = {
  service: (service) => {
    // 128 + 15 is the exit code that a shell reports for a process that SIGTERM has ended.
    process.on("SIGTERM", () => process.exit(143));
    return service;
  },
};

export default mistake;
