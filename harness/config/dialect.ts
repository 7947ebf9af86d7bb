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
  .describe("Names for later requests, each with where its value stands in the answer.");

/**
 * Ids that we make: `${uuid}`, `${hex}` and `${digits}` (16 of them), and `${number}` (a JSON
 * number that an int4 takes, where it stands alone) may stand in `make`; so may `${user}` and
 * `${run}`.
 */
const madeByUs = z.strictObject({
  make: template.describe(
    "The id that we make: ${uuid}, ${hex}, ${digits}, ${number}, ${user} and ${run} may stand in it.",
  ),
});
const fromFirstReply = z.strictObject({
  from: source.describe(
    "Where the service's id stands in the answer to the first turn, which is sent without ${thread}.",
  ),
});

const readShape = {
  list: jsonPaths.describe("Finds the texts of the messages, or the messages, in order."),
  newestFirst: z.boolean().default(false).describe("Whether the newest message stands first."),
  // A condition without a status is about answers below 300.
  absent: z
    .array(statusOrCondition)
    .default([])
    .describe("Statuses, or conditions, that say that there is no such thread: an empty list."),
};

/** How one talks with a service: the same for whatever runs it. */
export const talkShape = {
  headers: z
    .record(z.string(), template)
    .default({})
    .describe("Headers of every request. One that names what is not known yet is left out."),
  login: z
    .array(request({ capture }))
    .default([])
    .describe(
      "Requests in their order before a user's first turn, and again after a 401; what they " +
        "capture is known from then on.",
    ),
  thread: z
    .union([
      request({ id: source.describe("Where the id of the new thread stands."), capture }),
      madeByUs,
      fromFirstReply,
    ])
    .optional()
    .describe("Makes a thread, or says who makes its id. Without it: we make a uuid."),
  say: z
    .union([
      request({
        reply: reply.describe("Where the reply stands in the answer: a JSON path, or a kind."),
        means: z
          .array(meaning)
          .default([])
          .describe("What an answer means besides its status; the first that fits counts."),
        first: request({})
          .optional()
          .describe("In place of the request, until a first turn of the thread was answered."),
      }),
      z.custom<Say>((it) => typeof it === "function", { error: "a request, or a function" }),
    ])
    .describe("Says ${message} on ${thread}; ${turn} is a request id, the same in every attempt."),
  read: request({
    ...readShape,
    channels: z
      .record(z.string(), jsonPaths)
      .default({})
      .describe(
        "Names for what else of the thread's state stands in the answer, and where, if it holds " +
          "what was said last, or what was answered.",
      ),
  })
    .optional()
    .describe("Reads a thread: what the agent remembers of it."),
  secondView: request(readShape)
    .optional()
    .describe("A second view of the same, compared with the first."),
  resume: request({
    reply: reply.optional().describe("Where the reply stands. Without it: as in say."),
  })
    .optional()
    .describe("Answers an interrupt, so that the turn goes on."),
  delete: request({}).optional().describe("Deletes a thread."),
  served: source
    .optional()
    .describe("Where an answer names who gave it: needed behind a balancer that is not ours."),
  refusals: z
    .array(z.number().int())
    .default([400, 401, 403, 404, 409])
    .describe("Statuses by which the service promises that nothing happened."),
  retry: z
    .enum(["same-request-id", "resend", "wait", "none"])
    .default("resend")
    .describe("How a turn without an answer is repeated; wait: the thread is read instead."),
  turnTimeoutMs: z
    .number()
    .positive()
    .default(15_000)
    .describe("An attempt without an answer after so long, in milliseconds, is unknown."),
  tools: z
    .array(z.string())
    .default([])
    .describe("Tools that the service offers to its model, and that act through ${tools}."),
  // For where its model cannot be redirected and there is no `read`.
  recallPrompt: template
    .default("Repeat word for word everything that I have told you so far.")
    .describe("How the agent is asked what it remembers, where nothing else shows it."),
};

export type Talk = z.infer<z.ZodObject<typeof talkShape>>;
