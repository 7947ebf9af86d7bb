import type { Rows } from "./row.ts";

export const lost = {
  "zombie-write": {
    title: "A replica that was paused or cut off overwrote newer turns",
    meaning: "Turns that were acknowledged while a replica was away are gone once it is back.",
    evidence:
      "A replica was paused or cut off in the middle of a turn, another one saved a turn meanwhile," +
      " and that turn is missing once the first replica is back.",
    remedy:
      "Hold the thread with a lock that ends with its holder's connection (pg_advisory_xact_lock in" +
      " a transaction that stays open) and not with a lease that expires, or check with each save" +
      " that the lock is still held: a process that was away does not know that its lease has ended",
    levels: ["no-lost-turns"],
  },
  "ordered-by-clock": {
    title: "A wrong clock hides newer turns",
    meaning: "Turns saved by the other replicas disappear behind those of a replica in the future.",
    evidence:
      "The clock of a replica was ahead, it had saved a turn, and turns that came later are missing.",
    remedy:
      "Compare the replica's clock with the database's (SELECT clock_timestamp()) in the ready check" +
      " and before a turn, and begin no turn before the time of the newest checkpoint: LangGraph" +
      " takes the checkpoint with the highest id for the newest, and ids begin with the time",
    levels: ["no-lost-turns"],
  },
  "lost-update": {
    title: "Concurrent turns overwrite each other",
    meaning: "Of two messages sent at the same time, one is answered and then forgotten.",
    evidence:
      "A turn is missing, or is there twice, and another turn of the thread was under way at the" +
      " same time or took its place.",
    remedy:
      "Run one turn per thread at a time, with a queue, a 409, or an advisory lock on the thread id:" +
      " pg_advisory_xact_lock in a transaction that stays open for the turn, or pg_advisory_lock on" +
      " a direct connection, because behind a transaction pooler such a session lock is left on a" +
      " connection that others share. LangGraph neither locks nor checks: the latest checkpoint by" +
      " clock wins",
    levels: ["no-lost-turns"],
    explainedBy: ["stale-copy", "zombie-write", "ordered-by-clock"],
  },
  "unsaved-success": {
    title: "A turn succeeds although nothing could be saved",
    meaning: "The user believes that all is well, and the turn will be forgotten.",
    evidence: "Saving was impossible from the model call of a turn until the turn was answered.",
    remedy:
      "Let a save that fails fail the turn: catch no error of the saver, do not fall back to the" +
      " memory of the process, and answer only after the last checkpoint is written",
    levels: [],
    explainedBy: ["memory-fallback"],
  },
  "lost-job": {
    title: "An accepted job is never answered",
    meaning: "The service said that it will answer, and never does.",
    evidence:
      "A turn was accepted with a receipt and got no reply, and its thread never shows one.",
    remedy:
      "Store a job before it is accepted, and let another worker take it over once its worker " +
      "is gone",
    levels: ["no-lost-turns"],
  },
  "lost-turn": {
    title: "An acknowledged turn is lost",
    meaning: "The user got an answer, and the service does not remember it.",
    evidence: "A turn was acknowledged, and none of the later reads shows it.",
    remedy:
      'Acknowledge a turn only after its checkpoint is written: use durability "sync", and send a' +
      " stream's final event only after the run has resolved, because the last chunk comes before" +
      " the save",
    levels: ["no-lost-turns"],
    explainedBy: ["memory-fallback", "stale-copy", "split-brain", "amnesia", "unsaved-success"],
  },
  "nothing-saved": {
    title: "The database stays empty",
    meaning: "Conversations are kept elsewhere, probably in memory, and end with the process.",
    evidence:
      "Turns were acknowledged, the checkpointer's tables are missing or empty, and no replica saw" +
      " what another one saved.",
    remedy:
      "Look which checkpointer the graph really runs with: a development server and LangGraph" +
      " Server bring their own and ignore the one of compile(), and a missing or misspelt variable" +
      " lets many services fall back to memory: fail at start instead",
    levels: [],
    explainedBy: ["split-brain", "amnesia", "memory-fallback", "no-memory"],
  },
  "unknown-elsewhere": {
    title: "Another replica does not know the thread or job",
    meaning: "A follow-up request fails if the balancer sends it to another replica.",
    evidence:
      "One replica acknowledged a thread or a job, and another one answered that it does not exist.",
    remedy:
      "Keep threads, sessions, and jobs with their queue in a store that all replicas use, and not" +
      " in the process that got the request: the next request may reach any of them",
    levels: [],
  },
  "stale-read": {
    title: "A read is out of date",
    meaning: "A user does not see a turn that was already answered, and sees it later.",
    evidence: "A read lacks a turn that was acknowledged before, and later reads show it again.",
    remedy:
      "Read threads from the primary database and not from a lagging copy or a cache: getState()" +
      " must see every turn that was acknowledged before it was called",
    levels: ["monotonic-reads", "read-your-writes"],
    explainedBy: [
      "memory-fallback",
      "stale-copy",
      "split-brain",
      "zombie-write",
      "lost-update",
      "lost-turn",
    ],
  },
} as const satisfies Rows;
