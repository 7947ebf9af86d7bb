import type { Rows } from "./row.ts";

export const thread = {
  "orphaned-tool-call": {
    title: "A tool call without its result",
    meaning: "The provider answers 400 to every later turn: the conversation is over.",
    evidence: "A prompt holds a tool call and no result for it, or a result without its call.",
    remedy:
      "Before accepting a new message look at getState().tasks: if it is not empty and no interrupt" +
      " waits, invoke(null) first. A new message discards the pending tool call, and the provider" +
      " answers 400 on every later turn of the thread",
    levels: ["integrity"],
  },
  "malformed-transcript": {
    title: "A transcript that the provider refuses",
    meaning: "Turns fail as soon as a real provider is asked.",
    evidence: "A prompt breaks the rules of the provider's API: roles, order or content.",
    remedy:
      "Compare the stored messages with what the provider accepts, and repair them before the model" +
      " is called: most such prompts come from trimming, merging, or mapping of roles",
    levels: [],
  },
  "orphaned-tool-result": {
    title: "A tool result without its call",
    meaning: "The provider answers 400 to every later turn: the conversation is over.",
    evidence: "A prompt holds a tool result whose call was cut off.",
    remedy:
      "Cut a history only at the message of a user, so that a tool call and its results stay " +
      "together",
    levels: ["integrity"],
  },
  reordered: {
    title: "Messages are out of order",
    meaning: "The model reads answers before their questions, or an old message as the newest one.",
    evidence: "A list shows all messages, in another order than they were said.",
    remedy:
      "Sort a thread by a number that the store assigns in order: times collide, and random ids " +
      "have no order",
    levels: ["one-history"],
  },
  "refused-turn-kept": {
    title: "A refused turn is in the thread",
    meaning: "The user repeats a message that was refused, and the conversation shows it twice.",
    evidence: "Every attempt of a turn was refused, and a list shows its message.",
    remedy: "Check whether a turn may run before its message is saved",
    levels: ["integrity"],
  },
  "torn-turn": {
    title: "A message without its reply",
    meaning: "The conversation shows a question that was never answered, and goes on after it.",
    evidence: "A list shows a message, then no reply to it, and then the next message.",
    remedy:
      "Before accepting a new message look at getState().tasks: if it is not empty and no interrupt" +
      " waits, invoke(null) first, because a new message discards the unfinished turn",
    levels: ["integrity"],
    explainedBy: [
      "reply-not-kept",
      "memory-fallback",
      "unsaved-success",
      "lost-update",
      "lost-turn",
      "orphaned-tool-call",
    ],
  },
  "torn-state": {
    title: "A state put together from two turns",
    meaning: "Parts of a thread's state contradict each other, and the graph decides on them.",
    evidence: "In one read of a thread, a channel and the messages end with different turns.",
    remedy:
      "Run one turn per thread at a time: versions of a channel are plain numbers, so two branches" +
      " of a thread share their keys, the first value stays, and a checkpoint is put together from" +
      " both",
    levels: [],
  },
  "half-turn": {
    title: "A turn stops when the client goes",
    meaning: "Whoever closes the page and comes back finds a message without an answer.",
    evidence: "The client left, and the next read of the thread shows the message and no reply.",
    remedy:
      "Do not tie the run to the socket: let it go on when the request closes, and return its reply" +
      " to a client that asks again with the same request id. Aborting the stream drops the writes" +
      " of the node in flight, but not what it has done",
    levels: [],
  },
  "stale-reply": {
    title: "A turn gets the reply of an earlier one",
    meaning: "The user reads an old answer to a new question.",
    evidence: "An acknowledged reply carries the token of an earlier turn of the same thread.",
    remedy:
      "Take the reply from the run of this request, and not from the last message, a cache or a " +
      "shared stream",
    levels: [],
  },
  "unreplied-success": {
    title: "A made-up reply is reported as success",
    meaning: "The user gets a text that the model never said, and it stays in the conversation.",
    evidence: "The model gave no reply, and the turn was answered with success.",
    remedy:
      "If the model fails, fail the turn with 502 or 503, so that a retry can finish it: an apology" +
      " with 200 is saved as what the model said, and no client retries an answered turn",
    levels: [],
  },
  "partial-reply": {
    title: "A broken-off reply is reported as success",
    meaning: "The user gets half a reply, and the model goes on from that half.",
    evidence: "The model's reply broke off, and the turn was answered with its beginning.",
    remedy:
      "Save a reply only once its end has arrived (finish_reason, message_stop or" +
      " response.completed), and without it fail the turn so that a retry finishes it: a stream" +
      " that a gateway cuts looks like one that is over",
    levels: [],
  },
} as const satisfies Rows;
