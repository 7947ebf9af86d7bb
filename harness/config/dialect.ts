import { z } from "zod";
import { statusOrCondition } from "./condition.ts";
import { meaning, reply } from "./reply-rules.ts";
import { request, template } from "./request.ts";
import { jsonPaths, source } from "./json-path.ts";

/** A turn, for services that templates cannot describe. */
export interface Saying {
  /** Base URL of the service: of a replica, or of a load balancer. */
  readonly url: URL;
  /** Send these with every request: they name the client and the replica that must serve it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly message: string;
  /** Made by threadproof, or `thread` of an earlier result; null: no thread yet. */
  readonly thread: string | null;
  /** A request id, the same in every attempt. */
  readonly turn: string;
  readonly user: string;
  /** Aborted at the timeout, or when the client hangs up. */
  readonly signal: AbortSignal;
}

/** The result of a turn. Throw if the turn may have had an effect. */
export type Said =
  | {
      readonly reply: string;
      /** The thread id, if the service made one. */
      readonly thread?: string;
      /** The replica that answered, if known. Default: the requested replica. */
      readonly served?: string;
    }
  /** The turn certainly had no effect. */
  | { readonly refused: string };

export type Say = (turn: Saying) => Promise<Said>;

const capture = z
  .record(z.string(), source)
  .default({})
  .describe("Values of the response to keep for later requests: name → where the value is.");

/**
 * Thread ids that threadproof makes. `make` may use `${uuid}`, `${hex}` and `${digits}` (16
 * characters each), `${user}`, `${run}` and `${number}`, which alone is a JSON number within int4.
 */
const madeByUs = z.strictObject({
  make: template.describe(
    "Template of the id that threadproof makes; may use ${uuid}, ${hex}, ${digits}, " +
      "${number}, ${user} and ${run}.",
  ),
});
const fromFirstReply = z.strictObject({
  from: source.describe(
    "Where the response to the first turn contains the id. That turn is sent without " +
      "${thread}.",
  ),
});

const readShape = {
  list: jsonPaths.describe("Path of the messages, or of their texts, in order."),
  newestFirst: z.boolean().default(false).describe("Whether the newest message comes first."),
  // A condition without a status matches statuses below 300.
  absent: z
    .array(statusOrCondition)
    .default([])
    .describe("Statuses or conditions that mean: no such thread. The list is then empty."),
};

/** How to talk with a service, for both kinds of target. */
export const talkShape = {
  headers: z
    .record(z.string(), template)
    .default({})
    .describe(
      "Headers of every request. A header with a variable that has no value yet is left " + "out.",
    ),
  login: z
    .array(request({ capture }))
    .default([])
    .describe(
      "Requests that log a user in, in order: before the first turn, and again after a 401." +
        " Later requests can use what they capture.",
    ),
  thread: z
    .union([
      request({
        id: source.describe("Where the response contains the id of the new thread."),
        capture,
      }),
      madeByUs,
      fromFirstReply,
    ])
    .optional()
    .describe("How a thread gets its id. Without it, threadproof makes a UUID."),
  say: z
    .union([
      request({
        reply: reply.describe(
          "Where the response contains the reply: a JSON path, or an object with a kind.",
        ),
        means: z
          .array(meaning)
          .default([])
          .describe(
            "What a response means, if its status does not say it. The first match counts.",
          ),
        first: request({})
          .optional()
          .describe("Request for the first turn of a thread, if it differs."),
      }),
      z.custom<Say>((it) => typeof it === "function", { error: "a request, or a function" }),
    ])
    .describe(
      "Sends ${message} to ${thread}. ${turn} is a request id that stays the same in every " +
        "attempt.",
    ),
  read: request({
    ...readShape,
    channels: z
      .record(z.string(), jsonPaths)
      .default({})
      .describe(
        "Other parts of the thread's state that contain the last message or the last reply: " +
          "name → where. The scenario torn-state compares them.",
      ),
  })
    .optional()
    .describe("Reads a thread: what the agent remembers."),
  secondView: request(readShape)
    .optional()
    .describe("A second way to read a thread. It is compared with read."),
  resume: request({
    reply: reply
      .optional()
      .describe("Where the response contains the reply. Without it, as in say."),
  })
    .optional()
    .describe("Answers an interrupt, so that the turn continues."),
  delete: request({}).optional().describe("Deletes a thread."),
  served: source
    .optional()
    .describe(
      "Where a response names the replica that served it. Needed behind a load balancer of " +
        "your own.",
    ),
  refusals: z
    .array(z.number().int())
    .default([400, 401, 403, 404, 409])
    .describe("Statuses by which the service promises that the turn had no effect."),
  retry: z
    .enum(["same-request-id", "resend", "wait", "none"])
    .default("resend")
    .describe(
      "How a client repeats a turn that got no response. wait: it reads the thread instead.",
    ),
  turnTimeoutMs: z
    .number()
    .positive()
    .default(15_000)
    .describe("Timeout of an attempt in milliseconds. After it, the outcome is unknown."),
  tools: z
    .array(z.string())
    .default([])
    .describe("Names of the tools that the service offers to its model and that call ${tools}."),
  // Used only if the model is not ours and `read` is missing.
  recallPrompt: template
    .default("Repeat word for word everything that I have said to you so far.")
    .describe("Prompt that asks the agent what it remembers, if nothing else shows it."),
};

export type Talk = z.infer<z.ZodObject<typeof talkShape>>;
