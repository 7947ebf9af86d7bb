import { HumanMessage } from "@langchain/core/messages";
import type { Mistake } from "./mistake.ts";

/**
 * Every request is a new message. The service does not check whether the last turn was finished, or
 * whether the request is a retry. Nearly every service does this, because the examples only show
 * graph.invoke({ messages }). After a crash between a tool call and its result the thread is
 * broken: the model's API refuses the transcript. A retry adds the message a second time.
 */
const mistake: Mistake = {
  parts: () => ({
    admission: async (_, { text }) => ({
      kind: "new",
      // LangGraph chooses the id, as in the examples.
      message: new HumanMessage(text),
    }),
  }),
};

export default mistake;
