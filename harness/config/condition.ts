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
      'There is a value at this path, other than null, false, "" or []. $ is the whole ' + "body.",
    ),
  is: z.json().optional().describe("The value at path equals this."),
  contains: z.string().min(1).optional().describe("The body contains this text."),
  empty: z.boolean().optional().describe("true: the body is blank; false: it is not."),
};

/** What an answer may be known by; all that is said must be so. */
const condition = z.strictObject(conditionShape);
export type Condition = z.infer<typeof condition>;

/** A status alone, or more: some services say with 500 and a text that there is no such thread. */
export const statusOrCondition = z.union([z.number().int(), condition]);

/** An answer as far as conditions are about it. */
export interface Conditioned {
  readonly status: number;
  readonly body: string;
  /** The body as JSON; of a stream each of its events. */
  readonly values: readonly unknown[];
}

/** `otherwise`: of which statuses a condition without one is meant. */
export function fits(
  { status, path, is, contains, empty }: Condition,
  answer: Conditioned,
  otherwise: (status: number) => boolean,
): boolean {
  const isMeant =
    status === undefined ? otherwise(answer.status) : [status].flat().includes(answer.status);
  return (
    isMeant &&
    (path === undefined || answer.values.some((value) => stands(value, path, is))) &&
    (contains === undefined || answer.body.includes(contains)) &&
    (empty === undefined || (answer.body.trim() === "") === empty)
  );
}

/** Whether something stands at a path; with `is` just that. */
export function stands(value: unknown, path: string, is: unknown): boolean {
  const found = select(value, path);
  if (is !== undefined) return found.some((it) => isDeepStrictEqual(it, is));
  return found.some((it) => it !== null && it !== false && it !== "" && !isEmptyList(it));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
