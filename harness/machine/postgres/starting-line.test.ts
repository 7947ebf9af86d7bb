// One server for this file.
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

const createTable = "CREATE TABLE IF NOT EXISTS notes (id int)";
const tryLock = "SELECT pg_try_advisory_lock(1)";

test("two clients that create a table reach the line and continue together", async () => {
  await using database = await cluster.create();
  await using one = new Connection(database.url, "one");
  await using two = new Connection(database.url, "two");
  await using line = await database.startingLine();
  const first = one.query(createTable);
  const reached = line.reached(2);
  expect(await Promise.race([reached.then(() => "both"), delay(200, "one alone")])).toBe(
    "one alone",
  );
  const second = two.query(createTable);
  await reached;
  await line[Symbol.asyncDispose]();
  const ends = await Promise.allSettled([first, second]);
  expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

test("a client that polls for the creator's advisory lock reaches the line", async () => {
  await using database = await cluster.create();
  await using one = new Connection(database.url, "one");
  await using two = new Connection(database.url, "two");
  await using line = await database.startingLine();
  await one.query(tryLock);
  const creating = one.query(createTable);
  const reached = line.reached(2);
  expect(await two.query(tryLock)).toEqual([{ pg_try_advisory_lock: false }]);
  await reached;
  await line[Symbol.asyncDispose]();
  await creating;
  expect(await two.query("SELECT FROM notes")).toEqual([]);
});
