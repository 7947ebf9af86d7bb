import { z } from "zod";

/**
 * A string with `${names}`. Requests may use `${thread}`, `${message}`, `${turn}` (a request id,
 * the same in every attempt), `${user}`, `${run}` (unique to this run) and values that an earlier
 * request captured.
 */
export const template = z.string();

const path = (method: string) =>
  template.optional().describe(`Path and query of a ${method} request.`);

const methods = ["get", "post", "put", "patch", "delete"] as const;

const requestShape = {
  get: path("GET"),
  post: path("POST"),
  put: path("PUT"),
  patch: path("PATCH"),
  delete: path("DELETE"),
  headers: z
    .record(z.string(), template)
    .default({})
    .describe("Headers of this request, in addition to those of all requests."),
  json: z
    .json()
    .optional()
    .describe('JSON body. A value that is only "${thread}" keeps the type of the id.'),
  form: z
    .record(z.string(), template)
    .optional()
    .describe("Form body: application/x-www-form-urlencoded."),
  text: template.optional().describe("Plain body. Set its content type in headers."),
};

/** A request with extra fields. It has exactly one method with a path, and at most one body. */
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
      // The same rule in the JSON Schema.
      .meta({ oneOf: methods.map((method) => ({ required: [method] })) })
  );
}

function given(it: object, names: readonly string[]): string[] {
  return names.filter((name) => name in it && it[name as keyof typeof it] !== undefined);
}

/** Any request of a target. */
export type Request = z.infer<z.ZodObject<typeof requestShape>>;

/** Method and path template of a request. */
export function methodAndPath(it: Request): { method: string; path: string } {
  for (const method of methods) {
    const path = it[method];
    if (path !== undefined) return { method: method.toUpperCase(), path };
  }
  throw new Error("the request has no method, although the parser checks this");
}
