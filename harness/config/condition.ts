import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { jsonPath, select } from "./json-path.ts";

export const conditionShape = {
  status: z
    .union([z.number().int(), z.array(z.number().int())])
    .optional()
    .describe("The response has this status, or one of these."),
  path: jsonPath
    .optional()
    .describe(
      'The value at this path exists, and is not null, false, "" or []. $ is the whole body.',
    ),
  is: z.json().optional().describe("The value at path equals this."),
  contains: z.string().min(1).optional().describe("The body contains this text."),
  empty: z.boolean().optional().describe("true: the body is blank; false: it is not."),
};

/** A condition on a response. All its fields must match. */
const condition = z.strictObject(conditionShape);
export type Condition = z.infer<typeof condition>;

/** A status or a condition: some services report an unknown thread with 500 and a message. */
export const statusOrCondition = z.union([z.number().int(), condition]);

/** The parts of a response that conditions use. */
export interface Conditioned {
  readonly status: number;
  readonly body: string;
  /** The body as JSON, or each event of a stream. */
  readonly values: readonly unknown[];
}

/** `otherwise`: matches the status if the condition has none. */
export function fits(
  { status, path, is, contains, empty }: Condition,
  answer: Conditioned,
  otherwise: (status: number) => boolean,
): boolean {
  const hasStatus =
    status === undefined ? otherwise(answer.status) : [status].flat().includes(answer.status);
  return (
    hasStatus &&
    (path === undefined || answer.values.some((value) => hasValueAt(value, path, is))) &&
    (contains === undefined || answer.body.includes(contains)) &&
    (empty === undefined || (answer.body.trim() === "") === empty)
  );
}

/** Whether a path has a value other than null, false, "" or []; with `is`, this value. */
export function hasValueAt(value: unknown, path: string, is: unknown): boolean {
  const found = select(value, path);
  if (is !== undefined) return found.some((it) => isDeepStrictEqual(it, is));
  return found.some((it) => it !== null && it !== false && it !== "" && !isEmptyList(it));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
