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
} as const satisfies Rows;
