import { HumanMessage } from "@langchain/core/messages";
import type { Parts } from "../parts.ts";

/**
 * Every request is a new message: none looks whether the last turn was finished, or whether it is a
 * retry. Found in nearly every service, because graph.invoke({ messages }) is all that the examples
 * show. After a crash between a tool call and its result the thread is broken: the model's API
 * refuses the transcript from then on. A retry puts the message into the thread a second time.
 */
export default function neverResumes(parts: Parts): Parts {
  return {
    ...parts,
    admission: async (_, { text }) => ({
      kind: "new",
      // The id is left to LangGraph, as in the examples.
      message: new HumanMessage(text),
    }),
  };
}
