/** One measurement: how much was stored after a number of turns on one thread. */
export interface Point {
  readonly turns: number;
  /** Rows, or bytes. */
  readonly amount: number;
}

/** What one more turn costs, early and late, in rows or bytes as the points are. */
export interface Growth {
  /** Marginal cost of a turn over the first half of the turns, and over the last half. */
  readonly early: number;
  readonly late: number;
  /** The turns between which `late` was measured. */
  readonly from: number;
  readonly to: number;
  readonly shape: "linear" | "quadratic";
}

/** With fewer points a parabola looks like a line. */
export const pointsNeeded = 4;

/** Growth by less than a quarter over the last half is a higher tooth, and no bend. */
const materialFactor = 1.25;

/** Sizes are exact counts, so a true bend explains nearly all; teeth explain much less. */
const bendNeeded = 0.9;

/**
 * The growth over turns. It is judged on the envelope, the maximum so far: pruning makes a
 * saw-tooth, and its raw slope depends on where in a tooth the survey fell. Growth is quadratic if
 * two tests agree: late turns cost clearly more than early ones, and n² explains nearly all that a
 * line leaves unexplained (least squares). The second one keeps teeth from looking like a parabola.
 * Null with fewer than `pointsNeeded` different numbers of turns.
 */
export function growthOf(points: readonly Point[]): Growth | null {
  const curve = envelopeOf(points);
  const first = curve[0];
  const last = curve.at(-1);
  if (curve.length < pointsNeeded || first === undefined || last === undefined) return null;
  const centre = (first.turns + last.turns) / 2;
  const middle = curve
    .slice(1, -1)
    .reduce((best, point) =>
      Math.abs(point.turns - centre) < Math.abs(best.turns - centre) ? point : best,
    );
  const early = slope(first, middle);
  const late = slope(middle, last);
  const raw = largestAtEach(points);
  const bends =
    last.amount >= middle.amount * materialFactor &&
    late >= early * halfQuadraticRatio(first.turns, middle.turns, last.turns) &&
    bendExplained(raw) >= bendNeeded;
  return {
    early,
    late,
    from: middle.turns,
    to: last.turns,
    shape: bends ? "quadratic" : "linear",
  };
}

/**
 * Late over early marginal cost if n² makes up half of the growth. c + bn + an² costs b + a(p + q)
 * a turn between p and q turns, and half is b = a(first + last). With `middle` at N/2 of [0, N]: 1
 * for a line, 5/3 here, 3 for a pure parabola.
 */
function halfQuadraticRatio(first: number, middle: number, last: number): number {
  return (2 * last + first + middle) / (2 * first + last + middle);
}

function envelopeOf(points: readonly Point[]): Point[] {
  let most = -Infinity;
  return largestAtEach(points).map(({ turns, amount }) => {
    most = Math.max(most, amount);
    return { turns, amount: most };
  });
}

/** One point per number of turns, in order: the largest, because a cleanup makes it smaller. */
function largestAtEach(points: readonly Point[]): Point[] {
  const largest = new Map<number, number>();
  for (const { turns, amount } of points) {
    largest.set(turns, Math.max(amount, largest.get(turns) ?? -Infinity));
  }
  return [...largest]
    .map(([turns, amount]) => ({ turns, amount }))
    .sort((one, other) => one.turns - other.turns);
}

function slope(from: Point, to: Point): number {
  return (to.amount - from.amount) / (to.turns - from.turns);
}

/**
 * The share of what a line leaves unexplained that a bend explains, from 0 to 1; negative if the
 * curve bends downwards. Least squares of c + bn + an² (by the theorem of Frisch, Waugh, Lovell).
 */
function bendExplained(points: readonly Point[]): number {
  const n = points.map(({ turns }) => turns);
  const bend = residuals(
    n,
    n.map((turns) => turns * turns),
  );
  const rest = residuals(
    n,
    points.map(({ amount }) => amount),
  );
  const common = product(bend, rest);
  const whole = product(bend, bend) * product(rest, rest);
  return whole === 0 ? 0 : (Math.sign(common) * common * common) / whole;
}

/** The residual of each y from the best line through (x, y). */
function residuals(x: readonly number[], y: readonly number[]): number[] {
  const [dx, dy] = [centred(x), centred(y)];
  const slopeOfFit = product(dx, dy) / product(dx, dx);
  return dy.map((value, place) => value - slopeOfFit * (dx[place] ?? 0));
}

function centred(numbers: readonly number[]): number[] {
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  return numbers.map((number) => number - mean);
}

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, number, place) => sum + number * (other[place] ?? 0), 0);
}
