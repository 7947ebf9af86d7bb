import { suggestion } from "../../config/did-you-mean.ts";

/** Which points of a turn are swept. */
export interface Choice {
  /** Only these; null: all. */
  readonly points: readonly string[] | null;
  /** So many of them, evenly over the turn; null: all. */
  readonly sample: number | null;
}

/** A point that the turn does not have. */
export class NoSuchPoint extends Error {}

/** "after COMMIT 1" covers each "after COMMIT 1, then …", and itself. */
export function covers(name: string, found: string): boolean {
  return found === name || found.startsWith(`${name}, then `);
}

/**
 * Those that were asked for by name, or all; of them so many as are wanted, evenly over the turn.
 * @throws NoSuchPoint where there is none of a name.
 */
export function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  { points, sample }: Choice,
): T[] {
  const wanted = points === null ? [...all] : named(all, points);
  if (sample === null || sample >= wanted.length) return wanted;
  return wanted.filter(
    (_, i) =>
      Math.floor(((i + 1) * sample) / wanted.length) > Math.floor((i * sample) / wanted.length),
  );
}

function named<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[],
): T[] {
  return names.flatMap((name) => {
    const found = all.filter((it) => covers(it.name, name));
    if (found.length > 0) return found;
    const known = all.map((it) => it.name);
    const meant = suggestion(name, known);
    throw new NoSuchPoint(`no point "${name}"${meant}; there are ${inShort(known)}`);
  });
}

/** "before and after BEGIN 1 to 14, …": the points of a turn are too many for a sentence. */
function inShort(names: readonly string[]): string {
  const counts = Map.groupBy(
    names.map((name) => /^(?:before |after )?(.*) (\d+)$/.exec(name) ?? [name, name, ""]),
    ([, of]) => of ?? "",
  );
  const told = [...counts].map(([of, found]) => {
    const ordinals = found.map(([, , ordinal]) => Number(ordinal));
    const [least, most] = [Math.min(...ordinals), Math.max(...ordinals)];
    return least === most ? `${of} ${least}` : `${of} ${least} to ${most}`;
  });
  return `before and after ${told.join(", ")}; a model call that is open has its name alone`;
}
