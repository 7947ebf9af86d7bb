import { z } from "zod";
import { conditionShape } from "./condition.ts";
import { request } from "./request.ts";
import { jsonPath, jsonPaths, source } from "./source.ts";

/** An event of a stream that is meant: by its name, by its whole text, or by what it holds. */
const event = z
  .strictObject({
    /** As in `event: name`; a stream of lines has no names. */
    event: z.string().optional(),
    /** The whole text, as `[DONE]`. */
    data: z.string().optional(),
    /** Something stands there; with `is` just that. */
    path: jsonPath.optional(),
    is: z.json().optional(),
  })
  .refine((it) => it.event !== undefined || it.data !== undefined || it.path !== undefined, {
    error: "needs at least one of event, data, path",
  });

const streamShape = {
  /** Where the text of an event stands; without it an event is nothing but text. */
  text: jsonPaths.optional(),
  /** Where the list of messages stands: the last one of the assistant is the whole text. */
  messages: jsonPaths.optional(),
  /** Only events of these names carry text; without it all of them. */
  of: z.array(z.string()).optional(),
  /** "pieces" are put together; of "whole" texts the last one is the reply. */
  texts: z.enum(["pieces", "whole"]).default("pieces"),
  /** Any of these ends the turn well. */
  done: z.array(event).default([]),
  /** Any of these is an error, even after an end that went well. */
  failed: z.array(event).default([]),
  /**
   * What the end of the stream says where no event of `done` or `failed` came before; without it
   * "broken" where there is any `done`, else "done". A stream without an event is always broken.
   */
  end: z.enum(["done", "broken"]).optional(),
  /** Without an event for so long, in milliseconds, it is broken. */
  idleMs: z.number().positive().optional(),
  /**
   * How long, in milliseconds, a stream that stays open after an event of `done` is still read for
   * one of `failed`. One that is closed costs no time.
   */
  lingerMs: z.number().nonnegative().default(100),
};

/** How the reply of a turn is had. A JSON path, or several, stands for `{ kind: "json", path }`. */
export const reply = z.union([
  jsonPaths,
  z.discriminatedUnion("kind", [
    /** One JSON value, whatever type and blank lines come with it. Of several the last counts. */
    z.strictObject({ kind: z.literal("json"), path: jsonPaths }),
    /** One JSON value with a list of messages: the reply is the last one of the assistant. */
    z.strictObject({ kind: z.literal("messages"), path: jsonPaths }),
    /** The whole body. A page of HTML is no reply. */
    z.strictObject({ kind: z.literal("text") }),
    /** Server-sent events. */
    z.strictObject({ kind: z.literal("events"), ...streamShape }),
    /** One JSON value, or one text, per line. */
    z.strictObject({ kind: z.literal("lines"), ...streamShape }),
    /**
     * The answer is a receipt; the turn runs on, wherever. `${job}` is what `id` finds. Whoever is
     * asked for the job may be any replica, and is asked again where that one is gone.
     */
    z.strictObject({
      kind: z.literal("job"),
      id: source,
      /** Asked again and again, until `state` is one of `done` or `failed`. */
      poll: request({}).optional(),
      /** Without it the job is over once `reply` stands in the answer of `poll`, or `join` came. */
      state: jsonPath.optional(),
      done: z.array(z.string()).default(["done", "completed", "succeeded", "success"]),
      failed: z.array(z.string()).default(["failed", "error", "cancelled"]),
      interrupted: z.array(z.string()).default(["interrupted"]),
      everyMs: z.number().positive().default(100),
      /** In place of `poll`: answers when the job is over. */
      join: request({}).optional(),
      /** Sent by a client that hangs up. */
      cancel: request({}).optional(),
      /** In the answer of the last poll, or of the join; without it the state is read. */
      reply: jsonPaths.optional(),
    }),
    /** Not in the answer at all: the thread is read until the reply stands there. */
    z.strictObject({ kind: z.literal("state") }),
  ]),
]);

/**
 * A meaning that an answer has besides its status: an error inside 200, an interrupt, … Without a
 * status it is one of answers below 300. In a stream, `path` is looked for in each event.
 */
export const meaning = z.strictObject({
  ...conditionShape,
  /** refused: nothing happened · failed: it may have happened · interrupted: it waits for us. */
  means: z.enum(["ok", "refused", "failed", "interrupted"]),
});

export type Reply = z.infer<typeof reply>;
export type JobReply = Extract<Reply, { kind: "job" }>;
export type StreamReply = Extract<Reply, { kind: "events" | "lines" }>;
export type EventPattern = z.infer<typeof event>;
export type Meaning = z.infer<typeof meaning>;
