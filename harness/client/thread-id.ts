import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { fill } from "../config/template.ts";
import type { Names } from "./filled-request.ts";

/** An int4 takes it. */
const largestNumber = 2 ** 31 - 1;

/**
 * A thread id of ours, as a template says; without one a uuid. Not of the run's seed: a service
 * that is deployed already knows the threads of earlier runs.
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
