// One server for this file: about 1 s for initdb, 0.05 s to start, 0.03 s to stop.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScratch } from "../scratch.ts";
import { startWatchdog } from "../watchdog/watchdog.ts";
import { openCluster } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";
import type { Database } from "./database.ts";
import { startPostgres } from "./postgres-server.ts";
import { survey } from "./survey.ts";

const stack = new AsyncDisposableStack();
let cluster: Cluster;

beforeAll(async () => {
  const runId = `s${process.pid}`;
  const scratch = stack.use(openScratch());
  const watchdog = stack.use(await startWatchdog({ runId, scratch }));
  const server = stack.use(await startPostgres({ scratch, watchdog }));
  cluster = stack.use(await openCluster({ url: server.url, runId, ours: true }));
}, 30_000);

afterAll(() => stack.disposeAsync());

/** The tables of @langchain/langgraph-checkpoint-postgres, reduced to the relevant columns. */
const layout = `
  CREATE TABLE checkpoint_migrations (v int PRIMARY KEY);
  CREATE TABLE checkpoints (thread_id text, checkpoint_ns text, checkpoint_id text,
    checkpoint jsonb, metadata jsonb);
  CREATE TABLE checkpoint_blobs (thread_id text, checkpoint_ns text, channel text, version text,
    type text, blob bytea);
  CREATE TABLE checkpoint_writes (thread_id text, checkpoint_ns text, checkpoint_id text,
    task_id text, idx int, blob bytea)`;

const thread = "3f2b8c9e-0001-4000-8000-000000000001";

async function fill(database: Database): Promise<void> {
  await database.query(`${layout};
    INSERT INTO checkpoints VALUES ('${thread}', '', 'c1',
      '{"channel_versions": {"messages": 2, "__start__": 1}}', '{}');
    INSERT INTO checkpoint_blobs VALUES ('${thread}', '', 'messages', '2', 'json', 'a'),
      ('${thread}', '', '__start__', '1', 'json', 'a'),
      ('${thread}', '', 'messages', '1', 'json', 'a'),
      ('another', '', 'messages', '2', 'json', 'a');
    INSERT INTO checkpoint_writes VALUES ('${thread}', '', 'c1', 't', 0, 'a'),
      ('${thread}', '', 'c2', 't', 0, 'a')`);
}

test("rows and bytes of every table are exact, in any schema", async () => {
  await using database = await cluster.create();
  await database.query(`CREATE TABLE plain (id int, text text); CREATE SCHEMA deep;
    CREATE TABLE deep.notes (id int, text text); INSERT INTO plain VALUES (1, NULL);
    INSERT INTO deep.notes SELECT i, repeat('ab', 50000) FROM generate_series(1, 3) i`);
  const [{ n } = {}] = await database.query(
    "SELECT sum(pg_column_size(id) + pg_column_size(text))::int AS n FROM deep.notes",
  );
  expect(await survey(database)).toEqual({
    tables: [
      { table: "plain", rows: 1, bytes: 4 },
      { table: "deep.notes", rows: 3, bytes: n },
    ],
    ofThread: null,
    orphans: {},
  });
  expect(n).toBeLessThan(10_000); // as stored: compressed
});

test("the survey of a database without tables is empty", async () => {
  await using database = await cluster.create();
  expect(await survey(database)).toEqual({ tables: [], ofThread: null, orphans: {} });
});

test("finds rows of a thread in text, uuid, JSON and array columns", async () => {
  await using database = await cluster.create();
  await database.query(`CREATE TABLE by_uuid (id uuid); CREATE TABLE by_key (key text);
    CREATE TABLE by_json (doc jsonb); CREATE TABLE by_list (ids text[]);
    INSERT INTO by_uuid VALUES ('${thread}'), (gen_random_uuid());
    INSERT INTO by_key VALUES ('chat:${thread}:1'), ('chat:2');
    INSERT INTO by_json VALUES ('{"a": [{"thread": "${thread}"}]}'), ('{}'), (NULL);
    INSERT INTO by_list VALUES ('{a,${thread}}'), ('{a}')`);
  const { ofThread } = await survey(database, { threadIds: [thread] });
  expect(ofThread?.map(({ table, rows }) => [table, rows])).toEqual([
    ["by_json", 1],
    ["by_key", 1],
    ["by_list", 1],
    ["by_uuid", 1],
  ]);
});

test("matches a short id only as a whole, and a number only in a thread column", async () => {
  await using database = await cluster.create();
  await database.query(`CREATE TABLE messages (position int, thread_id int, body text, doc json);
    INSERT INTO messages VALUES (7, 1, 'a', '{}'), (1, 7, 'b', '{}'), (1, 1, '7', '{}'),
      (1, 1, '17', '{"id": "7"}'), (1, 1, '77', '{"id": 7, "b": "77"}')`);
  const { ofThread } = await survey(database, { threadIds: ["7"] });
  expect(ofThread).toMatchObject([{ table: "messages", rows: 3 }]);
});

test("takes the wildcards of LIKE literally", async () => {
  await using database = await cluster.create();
  await database.query(
    "CREATE TABLE t (id text); INSERT INTO t VALUES ('abc%_\\def'), ('abcxxxdef')",
  );
  const { ofThread } = await survey(database, { threadIds: ["abc%_\\def"] });
  expect(ofThread).toMatchObject([{ table: "t", rows: 1 }]);
});

test("blobs and writes that no checkpoint refers to are counted", async () => {
  await using database = await cluster.create();
  await fill(database);
  const { orphans, ofThread } = await survey(database, { threadIds: [thread] });
  expect(orphans).toEqual({ checkpoint_blobs: 2, checkpoint_writes: 1 });
  expect(ofThread?.find(({ table }) => table === "checkpoint_blobs")).toMatchObject({ rows: 3 });
});

test("surveys the layout of LangGraph for Python in another schema", async () => {
  await using database = await cluster.create();
  // The tables of langgraph-checkpoint-postgres.
  await database.query(`CREATE SCHEMA agent; SET search_path TO agent;
    CREATE TABLE checkpoint_migrations (v INTEGER PRIMARY KEY);
    CREATE TABLE checkpoints (thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '',
      checkpoint_id TEXT NOT NULL, parent_checkpoint_id TEXT, type TEXT,
      checkpoint JSONB NOT NULL, metadata JSONB NOT NULL DEFAULT '{}');
    CREATE TABLE checkpoint_blobs (thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '',
      channel TEXT NOT NULL, version TEXT NOT NULL, type TEXT NOT NULL, blob BYTEA);
    CREATE TABLE checkpoint_writes (thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '',
      checkpoint_id TEXT NOT NULL, task_id TEXT NOT NULL, idx INTEGER NOT NULL,
      channel TEXT NOT NULL, type TEXT, blob BYTEA NOT NULL, task_path TEXT NOT NULL DEFAULT '');
    INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES ('${thread}', 'c1',
      '{"channel_versions": {"messages": "00000000000000000000000000000002.0.9", "n": "1.0"}}');
    INSERT INTO checkpoint_blobs VALUES ('${thread}', '', 'messages',
      '00000000000000000000000000000002.0.9', 'msgpack', 'a'),
      ('${thread}', '', 'messages', '00000000000000000000000000000001.0.5', 'msgpack', 'a');
    INSERT INTO checkpoint_writes VALUES ('${thread}', '', 'c9', 't', 0, 'messages', NULL, 'a')`);
  const { tables, ofThread, orphans } = await survey(database, { threadIds: [thread] });
  const expected = { "agent.checkpoint_blobs": 1, "agent.checkpoint_writes": 1 };
  expect(orphans).toEqual(expected);
  expect(tables.map(({ table, rows }) => [table, rows])).toEqual([
    ["agent.checkpoint_blobs", 2],
    ["agent.checkpoint_migrations", 0],
    ["agent.checkpoint_writes", 1],
    ["agent.checkpoints", 1],
  ]);
  expect(ofThread?.map(({ rows }) => rows)).toEqual([2, 0, 1, 1]);
});

test("tables that only share a name with LangGraph's have no orphans", async () => {
  await using database = await cluster.create();
  await database.query("CREATE TABLE checkpoints (id int); CREATE TABLE checkpoint_blobs (id int)");
  expect((await survey(database)).orphans).toEqual({});
});

test("a survey of a small database is quick", async () => {
  await using database = await cluster.create();
  await fill(database);
  await survey(database, { threadIds: [thread] });
  const begin = performance.now();
  await survey(database, { threadIds: [thread] });
  console.log(`survey: ${(performance.now() - begin).toFixed(1)} ms (budget 20 ms)`);
});
