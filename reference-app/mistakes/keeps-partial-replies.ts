import type { AIMessageChunk } from "@langchain/core/messages";
import { clientOf } from "../model.ts";
import { sentenceOf } from "../refusal.ts";
import type { Mistake } from "./mistake.ts";

/**
 * The reply is whatever the model's stream contained until it ended, however it ended. Services do
 * this where they join the chunks by hand: the user has seen them already, so they are saved. If a
 * stream breaks off, half a sentence is the answer for ever, and the turn counts as done.
 */
const mistake: Mistake = {
  parts: () => ({
    openModel: (settings, tools) => {
      const client = clientOf(settings, tools, { maxRetries: 0 });
      return {
        policy: {},
        ask: async (messages, config) => {
          const signal = AbortSignal.timeout(settings.MODEL_TIMEOUT_MS);
          let received: AIMessageChunk | undefined;
          try {
            const stream = await client.stream(messages, { ...config, signal });
            for await (const chunk of stream) received = received?.concat(chunk) ?? chunk;
          } catch (error) {
            if (received === undefined) throw error;
            console.error(`the stream ended early: ${sentenceOf(error)}`);
          }
          if (received === undefined) throw new Error("the model said nothing");
          return received;
        },
      };
    },
  }),
};

export default mistake;
