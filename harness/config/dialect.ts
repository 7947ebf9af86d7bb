import { z } from "zod";
import { statusOrCondition } from "./condition.ts";
import { meaning, reply } from "./reply-rules.ts";
import { request, template } from "./request.ts";
import { jsonPaths, source } from "./json-path.ts";

/** A turn for those that templates cannot express. */
export interface Saying {
  /** Where the service is: a replica, or what stands in front of all. Paths go below it. */
  readonly url: URL;
  /** To send with every request: they name the replica that must serve it, and the client. */
  readonly headers: Readonly<Record<string, string>>;
  readonly message: string;
  /** Ours, or what an earlier turn has answered as `thread`; null: there is none yet. */
  readonly thread: string | null;
  /** A request id, the same in every attempt. */
  readonly turn: string;
  readonly user: string;
  /** Aborted when the time is over, or the client hangs up. */
  readonly signal: AbortSignal;
}

/** What came of it. To throw says that it may have happened. */
export type Said =
  | {
      readonly reply: string;
      /** Its id, where the service has made one. */
      readonly thread?: string;
      /** Who answered, where that is known; without it the replica that was asked for. */
      readonly served?: string;
    }
  /** Certain: nothing happened. */
  | { readonly refused: string };

export type Say = (turn: Saying) => Promise<Said>;

const capture = z
  .record(z.string(), source)
  .default({})
  .describe("Values of the response to keep for later requests: name → where the value is.");

/**
 * Ids that we make: `${uuid}`, `${hex}` and `${digits}` (16 of them), and `${number}` (a JSON
 * number that an int4 takes, where it stands alone) may stand in `make`; so may `${user}` and
 * `${run}`.
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
  // A condition without a status is about answers below 300.
  absent: z
    .array(statusOrCondition)
    .default([])
    .describe("Statuses or conditions that mean: no such thread. The list is then empty."),
};

/** How one talks with a service: the same for whatever runs it. */
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
  // For where its model cannot be redirected and there is no `read`.
  recallPrompt: template
    .default("Repeat word for word everything that I have told you so far.")
    .describe("Prompt that asks the agent what it remembers, if nothing else shows it."),
};

export type Talk = z.infer<z.ZodObject<typeof talkShape>>;
