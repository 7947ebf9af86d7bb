import type { Rows } from "./row.ts";

export const repetition = {
  "duplicated-turn": {
    title: "A retry adds the turn again",
    meaning: "The conversation shows a message or a reply twice after a retry.",
    evidence: "A list shows a token twice, and each retry carried the request id of the first try.",
    remedy:
      "Store the result under the request id and answer a retry from it, and give each message a" +
      " stable id, so that the reducer replaces what a first attempt has already saved",
    levels: ["integrity"],
  },
  "duplicated-resend": {
    title: "A message sent again is added again",
    meaning: "A client that lost the reply cannot repeat its message without doubling it.",
    evidence: "A list shows a token twice, and the message was sent again without a request id.",
    remedy:
      "Accept a request id with each message, and answer a repeated one with the stored result:" +
      " without a request id a client that lost the reply cannot safely send its message again",
    levels: ["integrity"],
  },
  "saved-twice": {
    title: "A turn is saved twice",
    meaning: "The conversation shows a message or a reply twice, although it was not repeated.",
    evidence: "A list shows a token twice; the message was sent once, and no turn overlapped it.",
    remedy:
      "Save each message at one place only, with an id that the store refuses to store again: look" +
      " for a second save in a callback, a stream handler or a sub-agent",
    levels: ["integrity"],
  },
  "duplicated-effect": {
    title: "A tool acts twice",
    meaning: "One order is placed twice, one payment is made twice.",
    evidence: "The tool ledger admitted more than one call for one step of a turn.",
    remedy: {
      "no key":
        "Send an idempotency key with every effect, and derive it from what survives a resume" +
        " (thread id, request id and tool call id), never from a clock or a fresh uuid: LangGraph" +
        " runs a node again if the process was killed at the node's end",
      "another key":
        "Derive the key from what survives a resume (thread id, request id and tool call id), never" +
        " from a clock or a fresh uuid: LangGraph runs a node again if the process was killed at" +
        " the node's end",
    },
    levels: [],
  },
  "ran-twice": {
    title: "Two replicas run the same turn",
    meaning: "Model and tools are paid for twice, and the results overwrite each other.",
    evidence: "The steps of one turn ran twice, without a death or a retry in between.",
    remedy:
      "Let one worker claim a run before it starts, in one statement (UPDATE … WHERE claimed IS " +
      "NULL, or SKIP LOCKED)",
    levels: [],
    explainedBy: ["lost-update"],
  },
  "repeated-steps": {
    title: "Finished steps run again",
    meaning: "After a crash the user waits and pays again for steps that were already finished.",
    evidence: "A model or tool call of a turn began again after the next step had begun.",
    remedy:
      'Run the graph with durability "sync" if tools act, and if getState().tasks is not empty' +
      " finish the turn with invoke(null) before accepting new input: async repeats whatever it had" +
      " not yet saved, exit and a new message start over",
    levels: [],
  },
} as const satisfies Rows;
