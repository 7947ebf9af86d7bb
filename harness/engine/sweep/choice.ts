import { suggestion } from "../../config/did-you-mean.ts";
import {
  formatPath,
  formatPoint,
  parsePath,
  type Point,
  type PointPath,
} from "../../history/point.ts";

/** The points of a turn to sweep. */
export interface Choice {
  /** Only these; null: all. */
  readonly points: readonly string[] | null;
  /** The number of points, spread evenly over the turn; null: all. */
  readonly sample: number | null;
}

/** The user asked for a point that the turn does not have. */
export class NoSuchPoint extends Error {}

/** Whether the text that a user typed names this path, or the first kill of it. */
export function begins(typed: string, path: PointPath): boolean {
  const [first] = path;
  return typed === formatPoint(first) || typed === formatPath(path);
}

/**
 * The points that the user asked for, by default all. `sample` limits their number.
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

/** The first kill of a path that a user typed; null: the text is not a path. */
function firstOf(typed: string): string | null {
  try {
    return formatPoint(parsePath(typed)[0]);
  } catch {
    return null;
  }
}

/** Summarizes the many points of a turn: "before and after BEGIN 1 to 14, …". */
function inShort(all: readonly { readonly point: Point }[]): string {
  const groups = Map.groupBy(all, ({ point }) => {
    if (point.at === "model") return "model call";
    return point.at === "tool" ? point.tool : point.name;
  });
  const ranges = [...groups].map(([of, found]) => {
    const ordinals = found.map(({ point: { ordinal } }) => ordinal ?? 1);
    const [least, most] = [Math.min(...ordinals), Math.max(...ordinals)];
    return least === most ? `${of} ${least}` : `${of} ${least} to ${most}`;
  });
  return `before and after ${ranges.join(", ")}; for an open model call write only its name`;
}
