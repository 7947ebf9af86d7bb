import type { AIMessageChunk } from "@langchain/core/messages";
import { clientOf } from "../model.ts";
import type { Parts } from "../parts.ts";
import { sentenceOf } from "../refusal.ts";

/**
 * The reply is what has come of the model's stream when that ends, however it ends. Found where
 * chunks are put together by hand: the user has seen them already, so they are saved. A stream that
 * breaks off leaves half a sentence as the answer for good, and the turn counts as done.
 */
export default function keepsPartialReplies(parts: Parts): Parts {
  return {
    ...parts,
    openModel: (settings) => {
      const load = clientOf(settings, { maxRetries: 0 });
      return async (messages, config) => {
        const client = await load();
        const signal = AbortSignal.timeout(settings.MODEL_TIMEOUT_MS);
        let heard: AIMessageChunk | undefined;
        try {
          const stream = await client.stream(messages, { ...config, signal });
          for await (const chunk of stream) heard = heard?.concat(chunk) ?? chunk;
        } catch (error) {
          if (heard === undefined) throw error;
          console.error(`the stream ended early: ${sentenceOf(error)}`);
        }
        if (heard === undefined) throw new Error("the model said nothing");
        return heard;
      };
    },
  };
}
