/**
 * What a target, or a variant of it, is expected to get for a scenario. Everything holds, unless it
 * is said to break: then the verdict, the checker and the set of diagnoses. The right verdict for
 * the wrong reason is a surprise.
 */
export type Expectation =
  | { readonly kind: "holds" }
  | {
      readonly kind: "violated" | "inconclusive";
      /** The first checker, in the scenario's order, with that verdict; null: any. */
      readonly checker: string | null;
      /** The kinds of diagnoses that are seen each time, over all checkers. */
      readonly diagnoses: readonly string[];
      /** Those that may be seen as well, where it depends on the moment of a fault. */
      readonly perhaps: readonly string[];
      /** Why it is accepted; required in a baseline. */
      readonly reason: string | null;
    };

export const holds: Expectation = { kind: "holds" };

export function violated(
  checker: string,
  diagnoses: readonly string[],
  { perhaps = [], reason = null }: { perhaps?: readonly string[]; reason?: string | null } = {},
): Expectation {
  return { kind: "violated", checker, diagnoses, perhaps, reason };
}

/** What was seen, in the terms of an expectation. */
export interface Seen {
  readonly kind: "holds" | "violated" | "inconclusive";
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
