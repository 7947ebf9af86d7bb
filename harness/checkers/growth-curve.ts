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

/**
 * The growth over turns, judged on the envelope (the most there ever was so far): pruning makes a
 * saw-tooth, whose raw slope depends on where in a tooth the survey fell. Both must agree to call
 * it quadratic: the late turns cost clearly more than the early ones, and n² fits the points
 * better than n (least squares), so that one odd tooth is no parabola.
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
    misfit(raw, (n) => n * n) < misfit(raw, (n) => n);
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

/** Sum of squared residuals of the best line through (term(turns), amount). */
function misfit(points: readonly Point[], term: (turns: number) => number): number {
  const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const x = points.map(({ turns }) => term(turns));
  const y = points.map(({ amount }) => amount);
  const [meanX, meanY] = [mean(x), mean(y)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    a.reduce((sum, value, place) => sum + (value - ma) * ((b[place] ?? mb) - mb), 0);
  const b = product(x, meanX, y, meanY) / product(x, meanX, x, meanX);
  return x.reduce((sum, value, place) => {
    const residual = (y[place] ?? meanY) - (meanY + b * (value - meanX));
    return sum + residual * residual;
  }, 0);
}
