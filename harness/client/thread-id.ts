import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { fill } from "../config/template.ts";
import type { Names } from "./filled-request.ts";

/** The largest number that fits in an int4. */
const largestNumber = 2 ** 31 - 1;

/**
 * Makes a thread id from a template; null: a UUID. It does not depend on the run's seed, because a
 * deployed service still has the threads of earlier runs.
 */
export function threadId(template: string | null, names: Names): unknown {
  return fill(template ?? "${uuid}", {
    ...names,
    uuid: randomUUID(),
    hex: randomBytes(8).toString("hex"),
    digits: Array.from({ length: 16 }, () => randomInt(10)).join(""),
    number: randomInt(1, largestNumber),
  });
}
