import { JSONPath } from "jsonpath-plus";
import { z } from "zod";

/** Filters may be used: `$.messages[?(@.type=='ai')].content`. */
export const jsonPath = z
  .string()
  .startsWith("$", { error: 'a JSON path begins with "$"' })
  .meta({ title: "a JSON path" });

/** Several are tried in their order: the first that finds something is taken. */
export const jsonPaths = z.union([jsonPath, z.array(jsonPath).min(1)]);

/**
 * Where a value stands in an answer: in its body, which for a stream is any of its events; in a
 * header; or in a cookie that it sets.
 */
export const source = z.union([
  jsonPath,
  z.strictObject({ header: z.string().min(1).describe("The name of a header of the answer.") }),
  z.strictObject({ cookie: z.string().min(1).describe("The name of a cookie that it sets.") }),
]);

export type Source = z.infer<typeof source>;
export type JsonPaths = z.infer<typeof jsonPaths>;

/** What stands at the first path that finds anything; empty: none does. */
export function select(json: unknown, paths: JsonPaths): unknown[] {
  if (json === undefined) return [];
  for (const path of [paths].flat()) {
    // The library knows no path into what is neither object nor list; "$" is all of it.
    if (typeof json !== "object" || json === null) {
      if (path === "$") return [json];
      continue;
    }
    const found: unknown = JSONPath({
      path,
      json,
      wrap: true,
      // Of filters, its own interpreter knows no more than what an expression needs.
      eval: "safe",
      // A filter that cannot be applied to an item does not find it.
      ignoreEvalErrors: true,
    });
    if (Array.isArray(found) && found.length > 0) return found as unknown[];
  }
  return [];
}

/** A JSON path of one place, or how a source is called in a sentence. */
export function placeInWords(place: Source | JsonPaths): string {
  if (typeof place === "string") return place;
  if (Array.isArray(place)) return place.join(" or ");
  return "header" in place ? `header ${place.header}` : `cookie ${place.cookie}`;
}
