import { z } from "zod";
import { request } from "./request.ts";
import { jsonPath, jsonPaths, source } from "./source.ts";

/** An event of a stream that is meant: by its name, by its whole text, or by what it holds. */
const event = z.strictObject({
  /** As in `event: name`; a stream of lines has no names. */
  event: z.string().optional(),
  /** The whole text, as `[DONE]`. */
  data: z.string().optional(),
  /** Something stands there; with `is` just that. */
  path: jsonPath.optional(),
  is: z.json().optional(),
});

const streamShape = {
  /** Where the text of an event stands; without it an event is nothing but text. */
  text: jsonPaths.optional(),
  /** Only events of these names carry text; without it all of them. */
  of: z.array(z.string()).optional(),
  /** "pieces" are put together; of "whole" texts the last one is the reply. */
  texts: z.enum(["pieces", "whole"]).default("pieces"),
  /** Any of these ends the turn well. Nothing after it is waited for. */
  done: z.array(event).default([]),
  /** Any of these is an error, even after an end that went well. */
  failed: z.array(event).default([]),
  /** What the end of the stream says where no event of `done` or `failed` came before. */
  end: z.enum(["done", "broken"]).optional(),
  /** Without an event for so long, in milliseconds, it is broken. */
  idleMs: z.number().positive().optional(),
};

/** How the reply of a turn is had. A JSON path, or several, stands for `{ kind: "json", path }`. */
export const reply = z.union([
  jsonPaths,
  z.discriminatedUnion("kind", [
    /** One JSON value, whatever type and blank lines come with it. */
    z.strictObject({ kind: z.literal("json"), path: jsonPaths }),
    z.strictObject({ kind: z.literal("text") }),
    /** Server-sent events. */
    z.strictObject({ kind: z.literal("events"), ...streamShape }),
    /** One JSON value, or one text, per line. */
    z.strictObject({ kind: z.literal("lines"), ...streamShape }),
    /** The answer is a receipt; the turn runs on, wherever. `${job}` is what `id` finds. */
    z.strictObject({
      kind: z.literal("job"),
      id: source,
      /** Asked again and again, until `state` is one of `done` or `failed`. */
      poll: request({}).optional(),
      state: jsonPath.optional(),
      done: z.array(z.string()).default(["done", "completed", "succeeded", "success"]),
      failed: z.array(z.string()).default(["failed", "error", "cancelled"]),
      everyMs: z.number().positive().default(100),
      /** Asked once, and answers when the job is over. */
      join: request({}).optional(),
      /** In the answer of the last poll, or of the join; without it the state is read. */
      reply: jsonPaths.optional(),
    }),
    /** Not in the answer at all: the thread is read until the reply stands there. */
    z.strictObject({ kind: z.literal("state") }),
  ]),
]);

/** A meaning that an answer has besides its status: an error inside 200, an interrupt, … */
export const meaning = z.strictObject({
  /** Only of answers with these statuses; without it of those below 300. */
  status: z.union([z.number().int(), z.array(z.number().int())]).optional(),
  /** Something stands there; with `is` just that. `$` alone is the whole body. */
  path: jsonPath.optional(),
  is: z.json().optional(),
  /** The whole body is blank. */
  empty: z.boolean().optional(),
  /** refused: nothing happened · failed: it may have happened · interrupted: it waits for us. */
  means: z.enum(["ok", "refused", "failed", "interrupted"]),
});

export type Reply = z.infer<typeof reply>;
export type StreamEvent = z.infer<typeof event>;
export type Meaning = z.infer<typeof meaning>;
