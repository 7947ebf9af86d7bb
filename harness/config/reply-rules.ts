import { z } from "zod";
import { conditionShape } from "./condition.ts";
import { request } from "./request.ts";
import { jsonPath, jsonPaths, source } from "./json-path.ts";

/** A pattern for stream events: by name, by the whole data, or by a value in it. */
const event = z
  .strictObject({
    event: z
      .string()
      .optional()
      .describe('Name of the event, as in "event: name". Lines have no name.'),
    data: z.string().optional().describe("The whole data of the event, for example [DONE]."),
    path: jsonPath.optional().describe("The event has a value at this path."),
    is: z.json().optional().describe("The value at path equals this."),
  })
  .refine((it) => it.event !== undefined || it.data !== undefined || it.path !== undefined, {
    error: "needs at least one of event, data, path",
  });

const streamShape = {
  text: jsonPaths
    .optional()
    .describe("Path of the text in an event. Without it, the data of an event is the text."),
  messages: jsonPaths
    .optional()
    .describe("Path of a list of messages: the assistant's last message is the whole text."),
  of: z
    .array(z.string())
    .optional()
    .describe("Names of the events that carry text. Without it: all."),
  texts: z
    .enum(["pieces", "whole"])
    .default("pieces")
    .describe("pieces: texts are joined. whole: the last text is the reply."),
  done: z.array(event).default([]).describe("Events that end the turn successfully."),
  failed: z
    .array(event)
    .default([])
    .describe("Events that mean an error, even after a successful end."),
  // A stream without any event is always broken.
  end: z
    .enum(["done", "broken"])
    .optional()
    .describe(
      "Meaning of the end of the stream, if no event of done or failed came before. Without" +
        " it: broken if done is declared, otherwise done.",
    ),
  idleMs: z
    .number()
    .positive()
    .optional()
    .describe(
      "The stream is broken after this time without an event, in milliseconds. Without it: " +
        "never.",
    ),
  // Takes no time if the service closes the stream.
  lingerMs: z
    .number()
    .nonnegative()
    .default(100)
    .describe(
      "Time in milliseconds for which a stream that stays open after done is watched for " +
        "failed.",
    ),
};

/**
 * The response is a receipt, and the turn runs in the background. Any replica may answer a request
 * about the job. If a replica is gone, the client asks another one.
 */
const job = z.strictObject({
  kind: z
    .literal("job")
    .describe("job: the response is a receipt, and the turn runs in the background."),
  id: source.describe("Where the receipt contains the id of the job: ${job}."),
  poll: request({})
    .optional()
    .describe("Request that is repeated until the job is done or failed."),
  state: jsonPath
    .optional()
    .describe(
      "Path of the job's state. Without it, the job is over once poll returns a reply, or " +
        "join returns.",
    ),
  done: z
    .array(z.string())
    .default(["done", "completed", "succeeded", "success"])
    .describe("States of a job that succeeded."),
  failed: z
    .array(z.string())
    .default(["failed", "error", "cancelled"])
    .describe("States of a job that failed."),
  interrupted: z
    .array(z.string())
    .default(["interrupted"])
    .describe("States of a job that waits for an approval."),
  everyMs: z
    .number()
    .positive()
    .default(100)
    .describe("Average time between two polls, in milliseconds."),
  join: request({})
    .optional()
    .describe("Request that returns when the job is over, instead of poll."),
  cancel: request({}).optional().describe("Request that a client sends when it hangs up."),
  reply: jsonPaths
    .optional()
    .describe(
      "Path of the reply in the last response to poll, or in that to join. Without it, the " +
        "thread is read.",
    ),
});

/** How to get the reply of a turn. JSON paths alone are short for `{ kind: "json", path }`. */
export const reply = z.union([
  jsonPaths,
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z
        .literal("json")
        .describe("json: the body is one JSON value, whatever its content type."),
      path: jsonPaths.describe("Path of the reply. Of several values the last counts."),
    }),
    z.strictObject({
      kind: z
        .literal("messages")
        .describe("messages: the body is one JSON value with a list of messages."),
      path: jsonPaths.describe("Path of the list. The reply is the assistant's last message."),
    }),
    z.strictObject({
      kind: z
        .literal("text")
        .describe("text: the whole body is the reply, unless it is an HTML page."),
    }),
    z.strictObject({
      kind: z.literal("events").describe("events: server-sent events."),
      ...streamShape,
    }),
    z.strictObject({
      kind: z.literal("lines").describe("lines: each line is a JSON value or a text."),
      ...streamShape,
    }),
    job,
    z.strictObject({
      kind: z
        .literal("state")
        .describe("state: the response has no reply; the thread is read until it contains one."),
    }),
  ]),
]);

/**
 * The meaning of a response beyond its status: an error inside 200, an interrupt, … Without a
 * status, it matches responses below 300. In a stream, `path` applies to each event.
 */
export const meaning = z.strictObject({
  ...conditionShape,
  means: z
    .enum(["ok", "refused", "failed", "interrupted"])
    .describe(
      "ok: the turn was taken. refused: it had no effect. failed: it may have had one. " +
        "interrupted: it waits for an approval.",
    ),
});

export type Reply = z.infer<typeof reply>;
export type JobReply = Extract<Reply, { kind: "job" }>;
export type StreamReply = Extract<Reply, { kind: "events" | "lines" }>;
export type EventPattern = z.infer<typeof event>;
export type Meaning = z.infer<typeof meaning>;
