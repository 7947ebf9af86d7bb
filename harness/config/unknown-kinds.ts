import type { Mistake } from "./config-error.ts";
import type { Configuration } from "./configuration.ts";
import { suggestion } from "./did-you-mean.ts";

interface Named {
  readonly kind: string;
  readonly diagnoses?: readonly string[];
  readonly perhaps?: readonly string[];
}

/** The places of a configuration that name an unknown kind of diagnosis. */
export function unknownKinds(
  { targets }: Configuration,
  kinds: readonly string[],
): readonly Mistake[] {
  return Object.entries(targets).flatMap(([target, { breaks, variants }]) => [
    ...kindsIn(breaks, ["targets", target, "breaks"], kinds),
    ...Object.entries(variants).flatMap(([name, variant]) =>
      kindsIn(variant.breaks, ["targets", target, "variants", name, "breaks"], kinds),
    ),
  ]);
}

/** The same for one map from scenarios to expectations. */
export function kindsIn(
  expectations: Readonly<Record<string, Named>>,
  path: readonly PropertyKey[],
  kinds: readonly string[],
): readonly Mistake[] {
  return Object.entries(expectations).flatMap(([scenario, expected]) =>
    (["diagnoses", "perhaps"] as const).flatMap((field) =>
      (expected[field] ?? []).flatMap((kind, index) =>
        kinds.includes(kind)
          ? []
          : [{ path: [...path, scenario, field, index], says: unknownKind(kind, kinds) }],
      ),
    ),
  );
}

/** Names a similar kind, or else the page with all kinds: a message cannot list them all. */
function unknownKind(kind: string, kinds: readonly string[]): string {
  const meant = suggestion(kind, kinds);
  return `no diagnosis "${kind}"${meant === "" ? "; docs/diagnoses.md lists them" : meant}`;
}
