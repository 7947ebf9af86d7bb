// One server of its own for the file.
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScratch } from "../scratch.ts";
import { startWatchdog } from "../watchdog/watchdog.ts";
import { openCluster, type Cluster } from "./cluster.ts";
import { Connection } from "./connection.ts";
import { startPostgres } from "./postgres-server.ts";

const stack = new AsyncDisposableStack();
const runId = `l${process.pid}`;
let cluster: Cluster;

beforeAll(async () => {
  const scratch = stack.use(openScratch());
  const watchdog = stack.use(await startWatchdog({ runId, scratch }));
  const server = stack.use(await startPostgres({ scratch, watchdog }));
  cluster = stack.use(await openCluster({ url: server.url, runId, ours: true }));
});

afterAll(() => stack.disposeAsync());

const makes = "CREATE TABLE IF NOT EXISTS notes (id int)";
const asks = "SELECT pg_try_advisory_lock(1)";

test("two that are about to make a table are at the line, and go on together", async () => {
  await using database = await cluster.create();
  await using one = new Connection(database.url, "one");
  await using two = new Connection(database.url, "two");
  await using line = await database.startingLine();
  const first = one.query(makes);
  const reached = line.reached(2);
  expect(await Promise.race([reached.then(() => "both"), delay(200, "one alone")])).toBe(
    "one alone",
  );
  const second = two.query(makes);
  await reached;
  await line[Symbol.asyncDispose]();
  const ends = await Promise.allSettled([first, second]);
  expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

test("who asks again and again for the lock of the one that makes it is at the line", async () => {
  await using database = await cluster.create();
  await using one = new Connection(database.url, "one");
  await using two = new Connection(database.url, "two");
  await using line = await database.startingLine();
  await one.query(asks);
  const making = one.query(makes);
  const reached = line.reached(2);
  expect(await two.query(asks)).toEqual([{ pg_try_advisory_lock: false }]);
  await reached;
  await line[Symbol.asyncDispose]();
  await making;
  expect(await two.query("SELECT FROM notes")).toEqual([]);
});
