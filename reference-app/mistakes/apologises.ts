import { AIMessage } from "@langchain/core/messages";
import type { Parts } from "../parts.ts";
import { sentenceOf } from "../refusal.ts";

/**
 * `catch { return "Sorry, something went wrong" }` around the model: the client gets 200, and the
 * apology is saved as what the model has said. Found in most chat services, because it looks kind.
 * No client repeats what was answered, so the message is never dealt with, and the model is shown
 * from then on that it had given up.
 */
export default function apologises(parts: Parts): Parts {
  return {
    ...parts,
    openModel: (settings) => {
      const ask = parts.openModel(settings);
      return (messages, config) =>
        ask(messages, config).catch((error: unknown) => {
          console.error(`apologised: ${sentenceOf(error)}`);
          return new AIMessage("Sorry, something went wrong. Please try again later.");
        });
    },
  };
}
