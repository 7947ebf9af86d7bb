import { suggestion } from "../../config/did-you-mean.ts";
import {
  formatPath,
  formatPoint,
  parsePath,
  type Point,
  type PointPath,
} from "../../history/point.ts";

/** Which points of a turn are swept. */
export interface Choice {
  /** Only these; null: all. */
  readonly points: readonly string[] | null;
  /** So many of them, evenly over the turn; null: all. */
  readonly sample: number | null;
}

/** A point that the turn does not have. */
export class NoSuchPoint extends Error {}

/**
 * Whether a user who typed `typed` means this path: itself, or a first kill that it begins with.
 */
export function begins(typed: string, path: PointPath): boolean {
  const [first] = path;
  return typed === formatPoint(first) || typed === formatPath(path);
}

/**
 * The points that a user asked for, or all; of them as many as `sample` says, evenly over the turn.
 * @throws NoSuchPoint if the turn does not have one of them.
 */
export function chosen<T extends { readonly point: Point }>(
  all: readonly T[],
  { points, sample }: Choice,
): T[] {
  const wanted = points === null ? [...all] : points.flatMap((typed) => named(all, typed));
  if (sample === null || sample >= wanted.length) return wanted;
  return wanted.filter(
    (_, i) =>
      Math.floor(((i + 1) * sample) / wanted.length) > Math.floor((i * sample) / wanted.length),
  );
}

function named<T extends { readonly point: Point }>(all: readonly T[], typed: string): T[] {
  const first = firstOf(typed);
  const found = all.filter(({ point }) => formatPoint(point) === first);
  if (found.length > 0) return found;
  const meant = suggestion(
    typed,
    all.map(({ point }) => formatPoint(point)),
  );
  throw new NoSuchPoint(`no point "${typed}"${meant}; there are ${inShort(all)}`);
}

/** The first kill of what a user typed; null: it is no point of any turn. */
function firstOf(typed: string): string | null {
  try {
    return formatPoint(parsePath(typed)[0]);
  } catch {
    return null;
  }
}

/** "before and after BEGIN 1 to 14, …": the points of a turn are too many for a sentence. */
function inShort(all: readonly { readonly point: Point }[]): string {
  const groups = Map.groupBy(all, ({ point }) => {
    if (point.at === "model") return "model call";
    return point.at === "tool" ? point.tool : point.name;
  });
  const told = [...groups].map(([of, found]) => {
    const ordinals = found.map(({ point: { ordinal } }) => ordinal ?? 1);
    const [least, most] = [Math.min(...ordinals), Math.max(...ordinals)];
    return least === most ? `${of} ${least}` : `${of} ${least} to ${most}`;
  });
  return `before and after ${told.join(", ")}; a model call that is open has its name alone`;
}
