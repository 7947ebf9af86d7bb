import { AIMessage } from "@langchain/core/messages";
import { sentenceOf } from "../refusal.ts";
import type { Mistake } from "./mistake.ts";

/**
 * `catch { return "Sorry, something went wrong" }` around the model. The client gets 200, and the
 * apology is saved as the model's answer. Most chat services do this, because it looks kind. No
 * client repeats a message that got an answer, so nothing ever deals with it. From then on the
 * model reads in the transcript that it gave up.
 */
const mistake: Mistake = {
  parts: ({ openModel }) => ({
    openModel: (settings, tools) => {
      const model = openModel(settings, tools);
      const ask: typeof model.ask = (messages, config) =>
        model.ask(messages, config).catch((error: unknown) => {
          console.error(`apologised: ${sentenceOf(error)}`);
          return new AIMessage("Sorry, something went wrong. Please try again later.");
        });
      return { ...model, ask };
    },
  }),
};

export default mistake;
