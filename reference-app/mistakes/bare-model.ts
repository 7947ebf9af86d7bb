import { clientOf } from "../model.ts";
import type { Parts } from "../parts.ts";

/**
 * `new ChatOpenAI()` as it comes: six retries with pauses that double, and ten minutes of patience
 * in each. Found in nearly every service. A model that is slow or down for a moment makes a turn
 * take longer than anybody waits, and for all of that time it holds its thread.
 */
export default function bareModel(parts: Parts): Parts {
  return {
    ...parts,
    openModel: (settings) => {
      const load = clientOf(settings, {});
      return async (messages, config) => (await load()).invoke(messages, config);
    },
  };
}
