import { clientOf, wholeReply } from "../model.ts";
import type { Mistake } from "./mistake.ts";

/**
 * `new ChatOpenAI({ timeout })`, and no other limit. Services have it where somebody has thought of
 * time-outs. This one ends when the headers of a stream arrive. If the model stops in the middle of
 * its answer, the turn waits until the connection ends, which may never happen.
 */
const mistake: Mistake = {
  parts: () => ({
    openModel: (settings, tools) => {
      const timeout = settings.MODEL_TIMEOUT_MS;
      const client = clientOf(settings, tools, { maxRetries: 0, timeout });
      return {
        ask: async (messages, config) => wholeReply(await client.stream(messages, config)),
        policy: {},
      };
    },
  }),
};

export default mistake;
