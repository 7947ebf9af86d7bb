import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import type { Entry } from "../history/history.ts";
import { untilQuiet } from "./until-quiet.ts";

const entry = { kind: "phase", phase: "workload", seq: 1, at: 0 } as const satisfies Entry;

/** Blocks the event loop. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("data that arrived while this process was blocked is not silence", async () => {
  const entries: Entry[] = [];
  const server = createServer((socket) => {
    socket.on("data", () => entries.push(entry)).write("hello");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await new Promise<void>((resolve) => {
    client.once("data", () => {
      resolve(untilQuiet({ entries }, 50));
      client.write("a word");
      block(70);
    });
  });
  expect(entries).toHaveLength(1);
  client.destroy();
  server.close();
});

test("an interval in which this process was blocked does not count", async () => {
  const entries: Entry[] = [];
  const began = performance.now();
  const silence = untilQuiet({ entries }, 20);
  block(150);
  await silence;
  expect(performance.now() - began).toBeGreaterThanOrEqual(165);
});

test("untilQuiet waits for repeated traffic, but not endlessly", async () => {
  const entries: Entry[] = [];
  const ticking = setInterval(() => entries.push(entry), 2);
  await untilQuiet({ entries }, 10);
  clearInterval(ticking);
  expect(entries.length).toBeGreaterThan(19);
});
