import { clientOf } from "../model.ts";
import type { Mistake } from "./mistake.ts";

/**
 * `new ChatOpenAI()` with its defaults: six retries with growing pauses, and ten minutes for each
 * attempt. Nearly every service has it. If the model is slow or down for a moment, a turn takes
 * longer than any user waits, and holds its thread all that time.
 */
const mistake: Mistake = {
  parts: () => ({
    openModel: (settings, tools) => {
      const client = clientOf(settings, tools, {});
      return { ask: (messages, config) => client.invoke(messages, config), policy: {} };
    },
  }),
};

export default mistake;
