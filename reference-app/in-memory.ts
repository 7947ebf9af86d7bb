import { randomUUID } from "node:crypto";
import { MemorySaver } from "@langchain/langgraph-checkpoint";
import { trustedClock } from "./clock.ts";
import { busy, type Gate } from "./gate.ts";
import type { Parts } from "./parts.ts";
import type { Thread, Threads } from "./threads.ts";

/** CHECKPOINTER=memory: keeps everything in this process, for development and tests. */
export function inMemory(parts: Parts): Parts {
  return {
    ...parts,
    openSaver: () => new MemorySaver(),
    openThreads: threadsInMemory,
    openGate: gateInMemory,
    openClock: () => trustedClock,
    openSchema: () => ({
      prepare: async () => undefined,
      probe: async () => undefined,
      obstacle: () => undefined,
    }),
    cleanup: { ...parts.cleanup, prune: async () => undefined },
  };
}

function gateInMemory(): Gate {
  const held = new Set<string>();
  return {
    async hold(thread, work) {
      if (held.has(thread)) throw busy();
      held.add(thread);
      try {
        return await work(new AbortController().signal);
      } finally {
        held.delete(thread);
      }
    },
  };
}

function threadsInMemory(): Threads {
  const rows = new Map<string, Thread & { readonly user: string }>();
  const threadOf = ({ user: _, ...thread }: Thread & { readonly user: string }): Thread => thread;
  return {
    async create(user, title) {
      const id = randomUUID();
      const row = { id, title: title ?? null, created_at: new Date(), archived: false, user };
      rows.set(id, { ...row, last_message_at: null });
      return { ...threadOf({ ...row, last_message_at: null }) };
    },
    async list(user) {
      return [...rows.values()]
        .filter((row) => row.user === user)
        .map(threadOf)
        .reverse();
    },
    async find(user, id) {
      const row = rows.get(id);
      return row?.user === user ? threadOf(row) : undefined;
    },
    async change(user, id, { title, archived }) {
      const row = rows.get(id);
      if (row?.user !== user) return undefined;
      const changed = { ...row, title: title ?? row.title, archived: archived ?? row.archived };
      rows.set(id, changed);
      return threadOf(changed);
    },
    async touch(id, title) {
      const row = rows.get(id);
      if (row === undefined) return false;
      const touched = { last_message_at: new Date(), archived: false, title: row.title ?? title };
      rows.set(id, { ...row, ...touched });
      return true;
    },
    async remove(id) {
      rows.delete(id);
    },
    // Retention is a command, so it runs in another process, which has no threads.
    idle: async () => [],
  };
}
