import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

const pauseMs = 200;
const maxMeasurements = 10;

/** Measures until two results in a row agree; returns the last one if they never do. */
export async function onceSettled<T>(measure: () => Promise<T>): Promise<T> {
  let measured = await measure();
  for (let count = 1; count < maxMeasurements; count += 1) {
    const before = measured;
    await delay(pauseMs);
    measured = await measure();
    if (isDeepStrictEqual(measured, before)) break;
  }
  return measured;
}
