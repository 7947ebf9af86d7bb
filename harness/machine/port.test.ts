import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort, laterPort } from "./port.ts";

test("one that stays unbound is none that is handed out to be bound at once", async () => {
  const free: number[] = [];
  const later: number[] = [];
  // Few: each is bound for a moment, and others look for ports at the same time.
  for (let i = 0; i < 20; i += 1) {
    free.push(await freePort());
    later.push(await laterPort());
  }
  expect(free.filter((port) => port < 12_000 || port >= 32_000)).toEqual([]);
  expect(later.filter((port) => port < 10_000 || port >= 12_000)).toEqual([]);
  expect(new Set([...free, ...later]).size).toBe(40);
});

test.each([
  ["bound at once", freePort],
  ["for later", laterPort],
])("where somebody listens nobody is sent: %s", async (_, port) => {
  const next = (await port()) + 1;
  const server = createServer().listen(next, "127.0.0.1");
  // Where somebody else has it already that is as good.
  await once(server, "listening").catch(() => {});
  expect(await port()).not.toBe(next);
  server.close();
});
