import { z } from "zod";
import { conditionShape } from "./condition.ts";
import { request } from "./request.ts";
import { jsonPath, jsonPaths, source } from "./json-path.ts";

/** An event of a stream that is meant: by its name, by its whole text, or by what it holds. */
const event = z
  .strictObject({
    event: z.string().optional().describe('Its name, as in "event: name". Lines have none.'),
    data: z.string().optional().describe("Its whole text, as [DONE]."),
    path: jsonPath.optional().describe("Something stands there."),
    is: z.json().optional().describe("What stands at path is just that."),
  })
  .refine((it) => it.event !== undefined || it.data !== undefined || it.path !== undefined, {
    error: "needs at least one of event, data, path",
  });

const streamShape = {
  text: jsonPaths
    .optional()
    .describe("Where the text of an event stands. Without it: an event is nothing but text."),
  messages: jsonPaths
    .optional()
    .describe("Where a list of messages stands: the last one of the assistant is the whole text."),
  of: z
    .array(z.string())
    .optional()
    .describe("Only events of these names carry text. Without it: all of them."),
  texts: z
    .enum(["pieces", "whole"])
    .default("pieces")
    .describe("pieces are put together; of whole texts the last one is the reply."),
  done: z.array(event).default([]).describe("Any of these ends the turn well."),
  failed: z
    .array(event)
    .default([])
    .describe("Any of these is an error, even after an end that went well."),
  // A stream without an event is always broken.
  end: z
    .enum(["done", "broken"])
    .optional()
    .describe(
      "What the end of the stream says where no event of done or failed came before. Without it: " +
        "broken where there is any done, else done.",
    ),
  idleMs: z
    .number()
    .positive()
    .optional()
    .describe("Without an event for so long, in milliseconds, it is broken. Without it: never."),
  // One that is closed costs no time.
  lingerMs: z
    .number()
    .nonnegative()
    .default(100)
    .describe("How long, in milliseconds, a stream that stays open after done is read for failed."),
};

/**
 * The answer is a receipt; the turn runs on, wherever. Whoever is asked for the job may be any
 * replica, and is asked again where that one is gone.
 */
const job = z.strictObject({
  kind: z.literal("job").describe("job: the answer is a receipt, and the turn runs on."),
  id: source.describe("Where the id of the job stands in the receipt: ${job}."),
  poll: request({})
    .optional()
    .describe("Asked again and again, until state is one of done or failed."),
  state: jsonPath
    .optional()
    .describe(
      "Where its state stands. Without it: it is over once reply stands in the answer of poll, or " +
        "join came.",
    ),
  done: z
    .array(z.string())
    .default(["done", "completed", "succeeded", "success"])
    .describe("States of a job that ended well."),
  failed: z
    .array(z.string())
    .default(["failed", "error", "cancelled"])
    .describe("States of a job that did not."),
  interrupted: z
    .array(z.string())
    .default(["interrupted"])
    .describe("States of a job that waits for an approval."),
  everyMs: z
    .number()
    .positive()
    .default(100)
    .describe("From one poll to the next, on average, in milliseconds."),
  join: request({}).optional().describe("In place of poll: answers when the job is over."),
  cancel: request({}).optional().describe("Sent by a client that hangs up."),
  reply: jsonPaths
    .optional()
    .describe(
      "Where the reply stands in the answer of the last poll, or of join. Without it: the thread " +
        "is read.",
    ),
});

/** How the reply of a turn is had. A JSON path, or several, stands for `{ kind: "json", path }`. */
export const reply = z.union([
  jsonPaths,
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z
        .literal("json")
        .describe("json: one JSON value, whatever type and blank lines come with it."),
      path: jsonPaths.describe("Where the reply stands. Of several values the last counts."),
    }),
    z.strictObject({
      kind: z.literal("messages").describe("messages: one JSON value with a list of messages."),
      path: jsonPaths.describe("Where the list stands: the reply is its last of the assistant."),
    }),
    z.strictObject({
      kind: z.literal("text").describe("text: the whole body. A page of HTML is no reply."),
    }),
    z.strictObject({
      kind: z.literal("events").describe("events: server-sent events."),
      ...streamShape,
    }),
    z.strictObject({
      kind: z.literal("lines").describe("lines: one JSON value, or one text, per line."),
      ...streamShape,
    }),
    job,
    z.strictObject({
      kind: z
        .literal("state")
        .describe("state: not in the answer; the thread is read until it stands there."),
    }),
  ]),
]);

/**
 * A meaning that an answer has besides its status: an error inside 200, an interrupt, … Without a
 * status it is one of answers below 300. In a stream, `path` is looked for in each event.
 */
export const meaning = z.strictObject({
  ...conditionShape,
  means: z
    .enum(["ok", "refused", "failed", "interrupted"])
    .describe(
      "refused: nothing happened; failed: it may have happened; interrupted: it waits for us.",
    ),
});

export type Reply = z.infer<typeof reply>;
export type JobReply = Extract<Reply, { kind: "job" }>;
export type StreamReply = Extract<Reply, { kind: "events" | "lines" }>;
export type EventPattern = z.infer<typeof event>;
export type Meaning = z.infer<typeof meaning>;
