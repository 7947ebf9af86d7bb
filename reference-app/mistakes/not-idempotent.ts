import { DynamicStructuredTool } from "@langchain/core/tools";
import type { Mistake } from "./mistake.ts";

/**
 * Tools as in the tutorials: `fetch`, without an idempotency key. Most tools are like that. If a
 * replica is killed between an effect and its checkpoint, the resumed turn does the effect again:
 * two bookings.
 */
const mistake: Mistake = {
  parts: ({ openTools }) => ({
    openTools: (settings) =>
      openTools(settings).map(({ name, description, schema }) => {
        const func = async (input: unknown) => {
          const headers = { "content-type": "application/json" };
          const request = { method: "POST", headers, body: JSON.stringify(input) };
          return (await fetch(`${settings.TOOLS_URL}/${name}`, request)).text();
        };
        return new DynamicStructuredTool({ name, description, schema, func });
      }),
  }),
};

export default mistake;
