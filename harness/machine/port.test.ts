import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort, laterPort } from "./port.ts";

test("freePort and laterPort hand out disjoint ports", async () => {
  const free: number[] = [];
  const later: number[] = [];
  // Only 20: each is bound for a moment, and other tests look for ports at the same time.
  for (let i = 0; i < 20; i += 1) {
    free.push(await freePort());
    later.push(await laterPort());
  }
  expect(free.filter((port) => port < 12_000 || port >= 32_000)).toEqual([]);
  expect(later.filter((port) => port < 10_000 || port >= 12_000)).toEqual([]);
  expect(new Set([...free, ...later]).size).toBe(40);
});

test.each([
  ["freePort", freePort],
  ["laterPort", laterPort],
])("%s skips a port that another process listens on", async (_, port) => {
  const next = (await port()) + 1;
  const server = createServer().listen(next, "127.0.0.1");
  // If another process has the port already, that serves as well.
  await once(server, "listening").catch(() => {});
  expect(await port()).not.toBe(next);
  server.close();
});
