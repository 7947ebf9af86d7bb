import { JSONPath } from "jsonpath-plus";
import { z } from "zod";

export const jsonPath = z.string().startsWith("$", { error: 'a JSON path begins with "$"' });

/** Several are tried in their order: the first that finds something is taken. */
export const jsonPaths = z.union([jsonPath, z.array(jsonPath).min(1)]);

/**
 * Where a value stands in an answer: in its body, which for a stream is any of its events; in a
 * header; or in a cookie that it sets.
 */
export const source = z.union([
  jsonPath,
  z.strictObject({ header: z.string().min(1) }),
  z.strictObject({ cookie: z.string().min(1) }),
]);

export type Source = z.infer<typeof source>;
export type JsonPaths = z.infer<typeof jsonPaths>;

/** What stands at the first path that finds anything; empty: none does. */
export function select(json: unknown, paths: JsonPaths): unknown[] {
  if (typeof json !== "object" || json === null) return [];
  for (const path of [paths].flat()) {
    const found: unknown = JSONPath({ path, json, wrap: true, eval: false });
    if (Array.isArray(found) && found.length > 0) return found as unknown[];
  }
  return [];
}
