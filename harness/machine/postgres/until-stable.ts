import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

/** Between two looks, in milliseconds. */
const pauseMs = 200;
/** What never settles is taken as it is after so many looks. */
const atMost = 10;

/** What is measured once it is the same twice in a row. */
export async function onceSettled<T>(measure: () => Promise<T>): Promise<T> {
  let measured = await measure();
  for (let looks = 1; looks < atMost; looks += 1) {
    const before = measured;
    await delay(pauseMs);
    measured = await measure();
    if (isDeepStrictEqual(measured, before)) break;
  }
  return measured;
}
