/** One measured thing beside its floor: what it would cost if we added nothing. */
export interface Figure {
  readonly name: string;
  readonly unit:
    | "ms"
    | "operations/s"
    | "requests/s"
    | "statements/s"
    | "points/minute"
    | "kills/minute"
    | "s";
  readonly value: number;
  /** Null where there is no smaller thing that could be measured. */
  readonly floor: { readonly name: string; readonly value: number } | null;
  /** The budget of the project on two cores, as text; null where there is none. */
  readonly budget: string | null;
}

/** The middle of several measurements: one slow run on a shared machine must not decide. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * Milliseconds of each of several runs of something, one after the other; the first is a warm-up.
 */
export async function timesOf(runs: number, work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const time = await timeOf(work);
    if (run > 0) times.push(time);
  }
  return times;
}

export async function timeOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
