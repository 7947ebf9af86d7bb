import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { shutDown } from "./drain.ts";

async function listening(): Promise<Server> {
  const server = createServer((_, response) => response.end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.closeAllConnections());
  return server;
}

/** One turn that runs until it is ended, and what the shutdown asked for. */
function oneTurn() {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const running = new Set<Promise<unknown>>();
  running.add(promise.then(() => running.clear()));
  const service = { running, stopTurns: vi.fn<() => void>(), close: vi.fn(async () => {}) };
  return { service, end };
}

test("it listens during the delay, then waits for the turns, and closes the database last", async () => {
  const server = await listening();
  const { service, end } = oneTurn();
  const began = performance.now();
  const code = shutDown(server, service, { delayMs: 100, graceMs: 60_000 });
  await once(server, "close");
  expect(performance.now() - began).toBeGreaterThanOrEqual(99);
  expect(service.close).not.toHaveBeenCalled();
  end();
  expect(await code).toBe(0);
  expect(service.close).toHaveBeenCalledOnce();
  expect(service.stopTurns).not.toHaveBeenCalled();
});

test("two seconds before the grace time is over it asks the turns to stop at a step", async () => {
  const { service, end } = oneTurn();
  service.stopTurns.mockImplementation(end);
  const began = performance.now();
  expect(await shutDown(await listening(), service, { delayMs: 0, graceMs: 2_200 })).toBe(0);
  expect(performance.now() - began).toBeGreaterThanOrEqual(199);
  expect(service.stopTurns).toHaveBeenCalledOnce();
});

test("a turn that does not stop is cut when the grace time is over", async () => {
  const { service } = oneTurn();
  expect(await shutDown(await listening(), service, { delayMs: 0, graceMs: 100 })).toBe(1);
  expect(service.close).not.toHaveBeenCalled();
});
