import { clientOf, wholeReply } from "../model.ts";
import type { Parts } from "../parts.ts";

/**
 * `new ChatOpenAI({ timeout })`, and nothing else. Found where somebody has thought of it. That
 * time-out is over when the headers of a stream are there: a model that stops in the middle of its
 * answer makes the turn wait until the connection ends, which may be never.
 */
export default function headersTimeout(parts: Parts): Parts {
  return {
    ...parts,
    openModel: (settings) => {
      const load = clientOf(settings, { maxRetries: 0, timeout: settings.MODEL_TIMEOUT_MS });
      return async (messages, config) => wholeReply(await (await load()).stream(messages, config));
    },
  };
}
