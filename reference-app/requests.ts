import { z } from "zod";
import { Refusal } from "./refusal.ts";

/** The shapes of requests. The code behind them does not check again. */
const titleText = z
  .string("title must be a text")
  .trim()
  .min(1, "title is blank")
  .max(200, "title is longer than 200 characters");

const body = "the body must be a JSON object, sent with content-type: application/json";

export const newThread = z.object({ title: titleText.optional() }, body);

export const threadChange = z
  .object(
    {
      title: titleText.optional(),
      archived: z.boolean("archived must be true or false").optional(),
    },
    body,
  )
  .refine((change) => change.title !== undefined || change.archived !== undefined, {
    message: "nothing to change: give title or archived",
  });

export const chatRequest = z.object(
  {
    // addressing.ts checks it.
    thread_id: z.unknown().optional(),
    message: z
      .string("message is missing: it must be a text")
      .refine((text) => text.trim() !== "", "message is blank"),
    request_id: z
      .string("request_id must be a text")
      .min(1, "request_id is blank")
      .max(200, "request_id is longer than 200 characters")
      .optional(),
  },
  body,
);

const historyMost = 100;
const historyLimit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(historyMost))
  .default(20);

/** Bounded, because each checkpoint holds all messages: those of a long thread fill the memory. */
export function historyLimitIn(query: unknown): number {
  const limit = historyLimit.safeParse(query);
  if (limit.success) return limit.data;
  throw new Refusal(400, `limit must be a whole number from 1 to ${historyMost}`);
}

export function parsed<T>(shape: z.ZodType<T>, given: unknown): T {
  const result = shape.safeParse(given);
  if (result.success) return result.data;
  throw new Refusal(400, result.error.issues[0]?.message ?? "the request is not valid");
}
