/** One measurement, and its floor: the same work without our part. */
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
  /** Null if no smaller work can be measured. */
  readonly floor: { readonly name: string; readonly value: number } | null;
  /** The project's budget on two cores, as text; null: no budget. */
  readonly budget: string | null;
}

/** The median, so that one slow run on a shared machine does not decide. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Runs the work several times in sequence after a warm-up; each run's time in milliseconds. */
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
