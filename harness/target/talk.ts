import { z } from "zod";
import { statusOrCondition } from "./condition.ts";
import { meaning, reply } from "./reply.ts";
import { request, template } from "./request.ts";
import { jsonPaths, source } from "./source.ts";

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

const capture = z.record(z.string(), source);

/**
 * Ids that we make: `${uuid}`, `${hex}` and `${digits}` (16 of them), and `${number}` (a JSON
 * number that an int4 takes, where it stands alone) may stand in `make`; so may `${user}` and
 * `${run}`.
 */
const madeByUs = z.strictObject({ make: template });
/** It comes with the answer to the first turn, in which `${thread}` is absent. */
const fromFirstReply = z.strictObject({ from: source });

const readShape = {
  /** Finds the texts of the messages, or the messages, in order. */
  list: jsonPaths,
  newestFirst: z.boolean().default(false),
  /**
   * By which the service says that there is no such thread, as if the list were empty: statuses, or
   * conditions; one without a status is about answers below 300.
   */
  absent: z.array(statusOrCondition).default([]),
};

/** How one talks with a service: the same for whatever runs it. */
export const talkShape = {
  /** Of every request. One that names what is not known yet, as a token, is left out. */
  headers: z.record(z.string(), template).default({}),
  /**
   * Asked in their order before a user's first turn, and again after a 401; what is captured is
   * known from then on.
   */
  login: z.array(request({ capture: capture.default({}) })).default([]),
  /** Makes a thread, or says who makes its id. Without it we make a uuid. */
  thread: z
    .union([request({ id: source, capture: capture.default({}) }), madeByUs, fromFirstReply])
    .optional(),
  say: z.union([
    request({
      reply,
      /** What an answer means besides its status; the first that fits counts. */
      means: z.array(meaning).default([]),
      /** In place of the request, until a first turn of the thread was answered. */
      first: request({}).optional(),
    }),
    z.custom<Say>((it) => typeof it === "function", { error: "a request, or a function" }),
  ]),
  /** Reads a thread. */
  read: request(readShape).optional(),
  /** A second view of the same, compared with the first. */
  history: request(readShape).optional(),
  /** Answers an interrupt, so that the turn goes on; without a reply of its own, that of `say`. */
  resume: request({ reply: reply.optional() }).optional(),
  delete: request({}).optional(),
  /** Who answered, where the service says so: needed behind a balancer that is not ours. */
  served: source.optional(),
  /** Statuses by which the service promises that nothing happened. */
  refusals: z.array(z.number().int()).default([400, 401, 403, 404, 409]),
  /** How a turn without an answer is repeated; `wait`: it is not, the thread is read instead. */
  retry: z.enum(["same-request-id", "resend", "wait", "none"]).default("resend"),
  /** An attempt without an answer after this long, in milliseconds, is unknown. */
  turnTimeoutMs: z.number().positive().default(15_000),
  /** Tools that the service offers to its model, and that act through `${tools}`. */
  tools: z.array(z.string()).default([]),
  /**
   * How we see what the agent remembers where its model cannot be redirected and there is no
   * `read`: it is asked to repeat what it was told.
   */
  repeat: template.default("Repeat word for word everything that I have told you so far."),
};

export type Talk = z.infer<z.ZodObject<typeof talkShape>>;
