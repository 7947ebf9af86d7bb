import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapInParallel } from "./parallel.ts";

test("at most the given number of items run concurrently, and results keep their order", async () => {
  let running = 0;
  let most = 0;
  const doubled = await mapInParallel(
    [5, 1, 3, 2, 4],
    async (item) => {
      most = Math.max(most, ++running);
      await delay(item);
      running -= 1;
      return 2 * item;
    },
    2,
  );
  expect(doubled).toEqual([10, 2, 6, 4, 8]);
  expect(most).toBe(2);
});

test("after an error no item begins, and the running ones end before it is thrown", async () => {
  const events: string[] = [];
  const slow = Promise.withResolvers<void>();
  const mapping = mapInParallel(
    ["slow", "bad", "never"],
    async (item) => {
      events.push(`${item} begins`);
      if (item === "bad") throw new Error("bad");
      await slow.promise;
      events.push(`${item} ends`);
    },
    2,
  );
  const thrown = mapping.catch((error: Error) => events.push(error.message));
  await delay(20);
  expect(events).toEqual(["slow begins", "bad begins"]);
  slow.resolve();
  await thrown;
  expect(events).toEqual(["slow begins", "bad begins", "slow ends", "bad"]);
});
