import type { Rows } from "./row.ts";

export const access = {
  "cross-thread-leak": {
    title: "Conversations share a thread",
    meaning: "A user sees what other users said, and the model answers from it.",
    evidence:
      "A list of one thread, or a prompt of one conversation, shows a message of another one.",
    remedy:
      "Take the thread_id from a threads table that knows its owner, pass it on every invocation," +
      ' and refuse a missing, blank or foreign one: PostgresSaver accepts "" and "undefined" as' +
      " threads that everybody shares",
    levels: ["integrity"],
  },
  "crossed-requests": {
    title: "Requests that run at once mix up their threads",
    meaning: "A message, a reply or a whole prompt lands in the conversation of somebody else.",
    evidence:
      "Turns of two threads overlapped in one process, and a list or prompt of one shows the " +
      "other.",
    remedy:
      "Keep nothing of a request in a variable of the module or of a shared object: pass the " +
      "thread, the user and the run as arguments through every call",
    levels: ["integrity"],
  },
  "crossed-reply": {
    title: "A reply reaches the wrong conversation",
    meaning: "A user reads the answer to somebody else's question.",
    evidence: "An acknowledged reply carries the token of a turn on another thread.",
    remedy:
      "Deliver a reply by the id of the request: do not share a stream, a channel or a " +
      "result key between requests",
    levels: [],
    explainedBy: ["cross-thread-leak", "crossed-requests"],
  },
  "thread-id-not-required": {
    title: "Any thread id is accepted",
    meaning:
      "A request with a missing or malformed thread id runs, so its turn lands in a shared thread.",
    evidence: "A turn with such an id was answered, or the model or a tool was called for it.",
    remedy:
      "Refuse a thread id that is not in your threads table before the graph runs: PostgresSaver" +
      ' takes "" and "undefined" as shared threads and 42 as "42", and with durability async or' +
      " exit the nodes have already run when it throws",
    levels: [],
  },
  "foreign-thread-served": {
    title: "Anyone can use another user's thread",
    meaning: "Whoever knows a thread id can read that conversation and add to it.",
    evidence: "A conversation that sent the thread id of another one was answered.",
    remedy:
      "Look the thread up by its id and the authenticated user together, and otherwise answer" +
      " 404: a checkpointer knows no owners",
    levels: [],
  },
  "rows-of-a-refused-turn": {
    title: "A refused turn writes rows",
    meaning: "Anybody can fill the database with requests that are refused.",
    evidence: "The row counts of two surveys differ, and every turn between them was refused.",
    remedy:
      "Check the thread id before the first write, including the service's own: otherwise anybody" +
      " can fill a request log or a threads table",
    levels: [],
  },
} as const satisfies Rows;
