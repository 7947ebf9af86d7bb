import { z } from "zod";
import type { DiagnosisKind } from "./diagnoses.ts";
import type { DeepReadonly } from "../history/deep-readonly.ts";
const text = z.string();

/** The verdict, the checker and the diagnoses: the right verdict for the wrong reason differs. */
export const expectedBreak = z.object({
  kind: z.enum(["violated", "inconclusive"]),
  checker: text.nullable().describe("The checker that says so; null: any may"),
  diagnoses: z.array(text).describe("The diagnosis kinds seen each time, over all checkers"),
  perhaps: z.array(text).describe("Those that may be seen as well"),
  reason: text.nullable().describe("Why it is accepted; required in a baseline"),
});

/** The expected result of a scenario on a target, or on a variant of it. */
export const expectation = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("holds") }),
  expectedBreak,
]);
export type Expectation = DeepReadonly<z.infer<typeof expectation>>;

export const holds: Expectation = { kind: "holds" };

/** A kind of the table, or one that a checker outside of this package declares in `finds`. */
type Kind = DiagnosisKind | (string & {});

/** Kinds are checked when a configuration is loaded: its error names the place in the file. */
export function violated(
  checker: string,
  diagnoses: readonly Kind[],
  { perhaps = [], reason = null }: { perhaps?: readonly Kind[]; reason?: string | null } = {},
): Expectation {
  return { kind: "violated", checker, diagnoses, perhaps, reason };
}

/** The result of a run, in the terms of an expectation. */
export interface Seen {
  readonly kind: Expectation["kind"];
  readonly checker: string | null;
  readonly diagnoses: readonly string[];
}

export function meets(seen: Seen, expected: Expectation): boolean {
  if (seen.kind !== expected.kind) return false;
  if (expected.kind === "holds") return true;
  if (expected.checker !== null && expected.checker !== seen.checker) return false;
  const kinds = new Set(seen.diagnoses);
  const each = new Set(expected.diagnoses);
  return each.isSubsetOf(kinds) && kinds.isSubsetOf(each.union(new Set(expected.perhaps)));
}
