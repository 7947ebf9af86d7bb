import type { Rows } from "./row.ts";

export const memory = {
  "not-initialised": {
    title: "The tables are missing",
    meaning: "The service says that it is ready, and every turn fails.",
    evidence:
      "Turns ended with a server error, and a response or the log says that a table does not exist" +
      " (42P01).",
    remedy:
      "Run PostgresSaver.setup() in a migration step, or at boot under an advisory lock on a direct" +
      " connection (pg_advisory_lock), or behind a transaction pooler in one transaction that stays" +
      " open (pg_advisory_xact_lock), and let readiness look at the schema: without its tables the" +
      " first turn fails with 42P01",
    levels: ["no-lost-turns"],
  },
  "unanswered-turn": {
    title: "A turn is not answered although nothing is wrong",
    meaning: "A user gets an error, an empty answer or nothing, without any fault.",
    evidence:
      "Outside any fault an attempt ended neither with a reply nor with a declared refusal.",
    remedy:
      "Read the log line and the response in the evidence: a turn that nothing disturbs must " +
      "end with its reply",
    levels: [],
    explainedBy: ["not-initialised"],
  },
  "no-memory": {
    title: "Nothing is remembered",
    meaning: "Every turn starts a new conversation.",
    evidence:
      "A replica acknowledged a turn, did not restart, and its next turn on the thread saw nothing.",
    remedy:
      "Compile the graph with a checkpointer and pass { configurable: { thread_id } } to every" +
      " invoke: without a checkpointer LangGraph accepts a thread id, remembers nothing and reports" +
      " no error",
    levels: ["no-lost-turns"],
  },
  "starts-anew": {
    title: "Each turn erases what was before",
    meaning: "Only the last turn of a conversation is kept.",
    evidence: "After each turn the thread shows that turn and none of the earlier ones.",
    remedy:
      "Append to the thread what a turn adds: an assignment or an upsert of the whole list with " +
      "only the new messages replaces it",
    levels: ["no-lost-turns"],
    explainedBy: ["no-memory"],
  },
  "not-shown-to-model": {
    title: "The thread is kept but not shown to the model",
    meaning:
      "The service stores the conversation, and the agent answers as if it had never seen it.",
    evidence: "A read of the thread shows earlier turns, and the prompts of the same turns do not.",
    remedy:
      "Load the stored messages into the prompt of each call: check what a subgraph, a " +
      "sub-agent or a filter passes on",
    levels: ["no-lost-turns"],
    explainedBy: ["no-memory"],
  },
  "reply-not-kept": {
    title: "Replies are not kept",
    meaning: "The agent does not know what it said itself.",
    evidence: "Later lists show the messages of users and none of the acknowledged replies.",
    remedy:
      "Save the model's reply in the thread before the turn is acknowledged: with a stream, " +
      "collect the pieces and save the whole",
    levels: ["integrity"],
  },
  "trimmed-history": {
    title: "Only the last messages are kept",
    meaning: "The agent forgets the beginning of each longer conversation.",
    evidence:
      "Each list is the end of the conversation, with a constant number of turns or messages.",
    remedy:
      "Keep the whole conversation or a summary of what is cut, or declare the window: " +
      "promises.memory.window",
    levels: ["no-lost-turns"],
  },
  "state-deleted": {
    title: "Somebody deletes rows of live threads",
    meaning: "Conversations that are in use disappear.",
    evidence:
      "Rows of a thread were there and are gone, and the harness did not delete the thread.",
    remedy:
      "Let a cleanup delete only threads that have expired: compare the time of the last turn, " +
      "under the lock that turns take",
    levels: ["no-lost-turns"],
  },
  "store-lost": {
    title: "A store came back empty",
    meaning: "All conversations are lost when a store restarts.",
    evidence:
      "A store that the threads are kept in was restarted, and no earlier turn is there " +
      "afterwards.",
    remedy:
      "Keep conversations in a store that survives its own restart: switch on persistence, or " +
      "use a database for what must last",
    levels: ["no-lost-turns"],
  },
  "memory-fallback": {
    title: "After a database error the service goes on from memory",
    meaning:
      "Turns are answered from a memory that ends with the process, and the database never gets " +
      "them.",
    evidence:
      "After a database error turns are answered, and other replicas or later lives do not show " +
      "them.",
    remedy:
      "Fail a turn that cannot be read or saved, with 503: do not replace the store by a memory " +
      "of the process",
    levels: ["no-lost-turns"],
  },
  "stale-copy": {
    title: "A replica continues from its own copy of the thread",
    meaning: "Turns that another replica saved meanwhile are overlooked, and often overwritten.",
    evidence:
      "A replica shows the thread as it last knew it, without turns that another one saved " +
      "since.",
    remedy:
      "Read the thread from the store at the begin of each turn: a cache in the process does " +
      "not learn what other replicas save",
    levels: ["no-lost-turns"],
    explainedBy: ["memory-fallback"],
  },
  "split-brain": {
    title: "Each replica has its own memory",
    meaning: "The conversation depends on which replica answers: turns appear and disappear.",
    evidence:
      "Two replicas were up at the same time, each showed turns that the other one lacked, and" +
      " neither ever showed a turn that the other one had saved.",
    remedy:
      "Keep checkpoints in one store that all replicas use (PostgresSaver instead of MemorySaver," +
      " no cache of threads within a process): a sticky balancer only hides it until the next" +
      " deploy",
    levels: ["no-lost-turns"],
    explainedBy: ["memory-fallback"],
  },
  amnesia: {
    title: "The memory died with the process",
    meaning: "A restart, a crash or a deploy deletes all conversations.",
    evidence: "A turn was shown or acknowledged, its process ended, and later reads lack the turn.",
    remedy:
      "Keep checkpoints outside the process: compile the graph with a PostgresSaver on a database" +
      " that outlives it, instead of MemorySaver or a file in the container",
    levels: ["no-lost-turns"],
    explainedBy: ["split-brain", "memory-fallback"],
  },
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
