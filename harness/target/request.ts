import { z } from "zod";

/**
 * A text with `${names}`. In requests: `${thread}`, `${message}`, `${turn}` (a request id, the same
 * in every attempt), `${user}`, `${run}` (of this run alone), and whatever an earlier request has
 * captured.
 */
export const template = z.string();

const methods = ["get", "post", "put", "patch", "delete"] as const;

const requestShape = {
  get: template.optional(),
  post: template.optional(),
  put: template.optional(),
  patch: template.optional(),
  delete: template.optional(),
  headers: z.record(z.string(), template).default({}),
  /** Sent as JSON. A value that is just `"${thread}"` keeps the type of the thread id. */
  json: z.json().optional(),
  /** Sent as application/x-www-form-urlencoded. */
  form: z.record(z.string(), template).optional(),
  /** Sent as it is; its type is said in `headers`. */
  text: template.optional(),
};

/** A request with fields of its own: exactly one method with its path, and at most one body. */
export function request<Extra extends z.ZodRawShape>(extra: Extra) {
  return (
    z
      .strictObject({ ...requestShape, ...extra })
      .refine((it) => given(it, methods).length === 1, {
        error: `needs exactly one of ${methods.join(", ")}, with a path`,
      })
      .refine((it) => given(it, ["json", "form", "text"]).length <= 1, {
        error: "has at most one of json, form, text",
      })
      // The same for the JSON Schema.
      .meta({ oneOf: methods.map((method) => ({ required: [method] })) })
  );
}

function given(it: object, names: readonly string[]): string[] {
  return names.filter((name) => name in it && it[name as keyof typeof it] !== undefined);
}

/** Any of the requests of a target. */
export type Request = z.infer<z.ZodObject<typeof requestShape>>;

/** Method and path template of a request. */
export function methodAndPath(it: Request): { method: string; path: string } {
  for (const method of methods) {
    const path = it[method];
    if (path !== undefined) return { method: method.toUpperCase(), path };
  }
  throw new Error("a request without a method was not refused by the parser");
}
