import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { request } from "./request.ts";
import { jsonPath, select } from "./json-path.ts";

/** The ready check: a request, and the expected response of a ready replica. */
export const ready = request({
  status: z
    .union([z.number().int(), z.array(z.number().int())])
    .default(200)
    .describe("Status of a ready replica, or a list of them."),
  // Some services respond with 200 and "unhealthy".
  body: z
    .strictObject({
      path: jsonPath.describe("Path of the value in the body."),
      is: z.json().describe("The value of a ready replica."),
    })
    .optional()
    .describe("A value that the body must contain, if the status is not enough."),
  withinMs: z
    .number()
    .positive()
    .default(20_000)
    .describe(
      "Time that a replica has to become ready, in milliseconds. A restarted replica gets " +
        "at least four times what its first start took.",
    ),
});

export type Ready = z.infer<typeof ready>;

/** Whether a response to the ready check is that of a ready replica. */
export function isReady(ready: Ready, answer: { status: number; body: string } | null): boolean {
  if (answer === null || ![ready.status].flat().includes(answer.status)) return false;
  if (ready.body === undefined) return true;
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    return false;
  }
  return isDeepStrictEqual(select(value, ready.body.path)[0], ready.body.is);
}
