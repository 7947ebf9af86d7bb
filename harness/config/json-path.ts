import { JSONPathEnvironment, JSONPathQuery } from "json-p3";
import { z } from "zod";

const environment = new JSONPathEnvironment({ maxRecursionDepth: 500 });

/** A JSON path as in RFC 9535, with filters: `$.messages[?@.type == 'ai'].content`. */
export const jsonPath = z
  .string()
  .startsWith("$", { error: 'a JSON path begins with "$"', abort: true })
  .superRefine((path, context) => {
    try {
      environment.compile(path);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      context.addIssue({ code: "custom", message: `not a JSON path (RFC 9535): ${why}` });
    }
  })
  .meta({ title: "a JSON path" });

/** One path or several. The first one that finds a value counts. */
export const jsonPaths = z.union([jsonPath, z.array(jsonPath).min(1)]);

/**
 * The place of a value in a response: a path in its body (or in any event of a stream), a header,
 * or a cookie that it sets.
 */
export const source = z.union([
  jsonPath,
  z.strictObject({ header: z.string().min(1).describe("Name of a response header.") }),
  z.strictObject({
    cookie: z.string().min(1).describe("Name of a cookie that the response sets."),
  }),
]);

export type Source = z.infer<typeof source>;
export type JsonPaths = z.infer<typeof jsonPaths>;

/** All values at the first path that finds any; empty if no path does. */
export function select(json: unknown, paths: JsonPaths): unknown[] {
  if (json === undefined) return [];
  for (const path of [paths].flat()) {
    const found = environment.query(path, json as JsonValue).values();
    if (found.length > 0) return found;
  }
  return [];
}

type JsonValue = Parameters<JSONPathEnvironment["query"]>[1];

/**
 * The deepest existing value along a path. Stops before the first step that can have several
 * results, such as `[*]`. Undefined: no JSON.
 */
export function deepestOn(json: unknown, path: string): unknown {
  if (json === undefined) return undefined;
  const { segments } = environment.compile(path);
  for (let length = segments.length; length > 0; length -= 1) {
    const way = new JSONPathQuery(environment, segments.slice(0, length));
    if (!way.singularQuery()) continue;
    const [value] = way.query(json as JsonValue).values();
    if (value !== undefined) return value;
  }
  return json;
}

/** A place as text for messages: a JSON path, "header x" or "cookie x". */
export function placeInWords(place: Source | JsonPaths): string {
  if (typeof place === "string") return place;
  if (Array.isArray(place)) return place.join(" or ");
  return "header" in place ? `header ${place.header}` : `cookie ${place.cookie}`;
}
