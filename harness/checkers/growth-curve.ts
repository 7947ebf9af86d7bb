/** One measurement: how much there was after so many turns on one thread. */
export interface Point {
  readonly turns: number;
  /** Rows, or bytes. */
  readonly amount: number;
}

/** What one more turn costs, early and late. Units: those of the points' amount. */
export interface Growth {
  /** Marginal cost of a turn over the first half of the turns, and over the last half. */
  readonly early: number;
  readonly late: number;
  /** The turns between which `late` was measured. */
  readonly from: number;
  readonly to: number;
  readonly shape: "linear" | "quadratic";
}

/** Fewer points than this tell a parabola from a line by luck. */
export const pointsNeeded = 4;

/** Grown by less than a quarter over the last half: a higher tooth, not a bend. */
const materialFactor = 1.25;

/** Sizes are counted, not sampled: a true bend explains nearly all, which teeth never let it. */
const bendNeeded = 0.9;

/**
 * The growth over turns, judged on the envelope (the most there ever was so far): pruning makes a
 * saw-tooth, whose raw slope depends on where in a tooth the survey fell. Two must agree to call
 * it quadratic: the late turns cost clearly more than the early ones, and n² explains nearly all
 * that a line leaves unexplained (least squares), so that teeth are no parabola.
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
 * Late over early marginal cost where n² makes up half of what has grown. c + bn + an² costs
 * b + a(p + q) a turn between p and q turns, and half is b = a(first + last). With the middle in
 * the middle of [0, N]: 1 for a line, 5/3 here, 3 for a pure parabola.
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

/** One point per number of turns, in their order: before a cleanup there was more than after it. */
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
 * How much of what a line leaves unexplained a bend explains, from 0 to 1; negative where the bend
 * is downwards. Least squares of c + bn + an², by what n² adds to a line (Frisch, Waugh, Lovell).
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

/** What the best line through (x, y) leaves of each y. */
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
