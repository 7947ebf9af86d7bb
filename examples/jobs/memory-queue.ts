import { randomUUID } from "node:crypto";
import type { Job, Message, Queue, Tables } from "./queue.ts";

/**
 * Keeps jobs in process memory: other replicas cannot see them, and they end with the process. Only
 * the threads are in a table.
 */
export function memoryQueue(tables: Tables): Queue {
  const jobs = new Map<string, Job & { state: string }>();
  const byRequest = new Map<string, string>();
  const set = (id: string, state: string): void => {
    const job = jobs.get(id);
    if (job !== undefined) job.state = state;
  };
  return {
    async add(thread, input, request = randomUUID()) {
      const id = byRequest.get(request) ?? randomUUID();
      byRequest.set(request, id);
      const steps: Message[] = [{ role: "user", content: input }];
      if (!jobs.has(id)) jobs.set(id, { id, thread, holder: 1, steps, state: "queued" });
      return { id, state: jobs.get(id)?.state };
    },
    async look(id) {
      const job = jobs.get(id);
      return job === undefined ? null : { id, state: job.state, output: job.steps.at(-1)?.content };
    },
    async take() {
      const all = [...jobs.values()];
      const busy = new Set(all.filter((it) => it.state === "running").map((it) => it.thread));
      const job = all.find((it) => it.state === "queued" && !busy.has(it.thread));
      if (job !== undefined) job.state = "running";
      return job ?? null;
    },
    async renew() {},
    async keep() {},
    async done({ id, thread }, messages) {
      await tables.write(thread, messages);
      set(id, "done");
    },
    fail: async ({ id }) => set(id, "failed"),
  };
}
