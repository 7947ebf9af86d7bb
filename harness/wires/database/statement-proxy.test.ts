// One server at about 1 s (initdb). Uses pgbench if it is installed.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type DatabaseServer } from "../../machine/postgres/postgres-server.ts";
import { random } from "../../history/random.ts";
import { openScratch } from "../../machine/scratch.ts";
import { startWatchdog } from "../../machine/watchdog/watchdog.ts";
import type { Ended, Statement } from "./protocol-state.ts";
import { Tap, type Watch } from "./statement-proxy.ts";

const scratch = openScratch();
// Ends the server if the test run is killed.
const watchdog = await startWatchdog({ runId: `tap${process.pid.toString(36)}`, scratch });
const pgbench = "/usr/bin/pgbench";
let server: DatabaseServer;
let to: { host: string; port: number };

beforeAll(async () => {
  server = await startPostgres({ scratch, watchdog });
  const { hostname: host, port } = new URL(server.url);
  to = { host, port: Number(port) };
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await watchdog[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

const passive: Watch = { before: () => {}, after: () => {}, gone: () => {} };

function through({ port }: { port: number }): string {
  const url = new URL(server.url);
  url.host = `127.0.0.1:${port}`;
  return url.href;
}

async function clientOf(url: string) {
  const client = new pg.Client(url);
  client.on("error", () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end().catch(() => {}) });
}

const codeOf = (cause: { code: string }) => cause.code;

/** The results of a session with all kinds of queries. */
async function session(url: string): Promise<unknown[]> {
  await using client = await clientOf(url);
  const got: unknown[] = [];
  const ask = async (query: string | pg.QueryConfig, values?: unknown[]) => {
    try {
      const { rows, command } = await client.query(query, values);
      got.push([command, rows]);
    } catch (cause) {
      got.push((cause as { code: string }).code);
    }
  };
  await ask("drop table if exists t");
  await ask("create table t (id int primary key, note text)");
  await ask("begin");
  for (let id = 0; id < 20; id += 1) {
    await ask({ name: "put", text: "insert into t values ($1, $2)", values: [id, "x".repeat(id)] });
  }
  await ask("insert into t values ($1, $2)", [1, "again"]);
  await ask("select count(*) from t");
  await ask("rollback");
  await ask("insert into t select n, repeat('y', 100000) from generate_series(1, 30) n");
  await ask("select id, note from t order by id");
  await ask("select 1; select 2");
  await ask("no such thing");
  await ask("");
  return got;
}

test("a client gets the same results through the proxy", async () => {
  await using tap = await Tap.open({ to, watch: passive });
  const direct = await session(server.url);
  expect(direct.length).toBe(31);
  expect(await session(through(tap))).toEqual(direct);
  // The same if every statement is held for a moment.
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  await using slow = await Tap.open({ to, watch: { ...passive, before: pause, after: pause } });
  expect(await session(through(slow))).toEqual(direct);
});

/** A proxy that passes bytes on in pieces of random lengths. */
async function shredder(port: number, seed: number) {
  const source = random(seed);
  const shredded = createServer({ noDelay: true }, (client) => {
    const server = connect({ host: "127.0.0.1", port, noDelay: true });
    for (const [from, into] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on("error", () => {}).once("close", () => into.destroy());
      from.on("data", (bytes) => {
        for (let at = 0; at < bytes.length;) {
          const most = source.below(4) === 0 ? 8_192 : 7;
          const piece = bytes.subarray(at, at + 1 + source.below(most));
          into.write(piece);
          at += piece.length;
        }
      });
    }
  });
  shredded.listen(0, "127.0.0.1");
  await once(shredded, "listening");
  const close = () => new Promise<void>((resolve) => shredded.close(() => resolve()));
  return { port: (shredded.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

test.each([1, 2, 3])("the same if messages are split at random (seed %i)", async (seed) => {
  await using tap = await Tap.open({ to, watch: passive });
  await using behind = await shredder(to.port, seed);
  await using between = await Tap.open({
    to: { host: "127.0.0.1", port: behind.port },
    watch: passive,
  });
  await using before = await shredder(between.port, seed + 10);
  expect(await session(through(before))).toEqual(await session(through(tap)));
});

/** A watch that stops at the first statement of this name. */
function stopAt(when: "before" | "after", name: string) {
  const { promise: reached, resolve } = Promise.withResolvers<Statement>();
  const { promise: free, resolve: release } = Promise.withResolvers<"drop">();
  const stop = (it: Statement | Ended) => {
    const statement = "statement" in it ? it.statement : it;
    if (`${statement.verb} ${statement.table}` !== name) return undefined;
    resolve(statement);
    return free;
  };
  return { watch: { ...passive, [when]: stop }, reached, release: () => release("drop") };
}

test.each([
  ["before", 0],
  ["after", 1],
] as const)("a client that dies %s its statement: %i rows", async (when, rows) => {
  await using direct = await clientOf(server.url);
  await direct.query("drop table if exists kept; create table kept (a int)");
  const { watch, reached, release } = stopAt(when, "INSERT kept");
  await using tap = await Tap.open({ to, watch });
  const dying = await clientOf(through(tap));
  const sent = dying.query("insert into kept values ($1)", [1]);
  await reached;
  const count = async () => (await direct.query("select * from kept")).rows.length;
  expect(await count()).toBe(rows);
  const gone = sent.catch((cause: Error) => cause.message);
  (dying as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  expect(await gone).toContain("terminated");
  release();
  expect(await count()).toBe(rows);
});

test("a statement can be answered with an error of a given SQLSTATE", async () => {
  const full = ({ verb }: Statement) =>
    verb === "INSERT" ? Promise.resolve({ sqlstate: "53100" }) : undefined;
  await using tap = await Tap.open({ to, watch: { ...passive, before: full } });
  await using client = await clientOf(through(tap));
  await client.query("create temp table mine (a int)");
  const simple = client.query("insert into mine values (1)");
  await expect(simple).rejects.toMatchObject({ code: "53100" });
  const extended = client.query("insert into mine values ($1)", [1]);
  await expect(extended).rejects.toMatchObject({ code: "53100" });
  await client.query("begin");
  await expect(client.query("insert into mine values ($1)", [1])).rejects.toMatchObject({
    code: "53100",
  });
  // The error aborts the transaction, as every error does.
  await expect(client.query("select 1")).rejects.toMatchObject({ code: "25P02" });
  await client.query("rollback");
  expect((await client.query("select * from mine")).rows).toEqual([]);
});

test("a request to encrypt is refused, and a cancellation arrives", async () => {
  await using tap = await Tap.open({ to, watch: passive });
  const secure = new pg.Client({ connectionString: through(tap), ssl: true });
  await expect(secure.connect()).rejects.toThrow("does not support SSL");
  await using client = await clientOf(through(tap));
  const asleep = client.query("select pg_sleep(60)");
  const cancelled = asleep.catch(codeOf);
  // A cancellation has no effect before the statement runs.
  await using direct = await clientOf(server.url);
  const running =
    "select 1 from pg_stat_activity where state = 'active' and query ~ '^select pg_sl'";
  await expect.poll(async () => (await direct.query(running)).rowCount).toBe(1);
  const key = client as unknown as { processID: number; secretKey: number };
  const socket = connect({ host: "127.0.0.1", port: tap.port });
  const request = Buffer.alloc(16);
  [16, 80_877_102, key.processID, key.secretKey].forEach((it, i) =>
    request.writeInt32BE(it, i * 4),
  );
  socket.end(request);
  expect(await cancelled).toBe("57014");
});

test("closes a connection of another protocol, and passes on the server's end", async () => {
  await using tap = await Tap.open({ to, watch: passive });
  const httpClient = connect({ host: "127.0.0.1", port: tap.port });
  httpClient.write("GET / HTTP/1.1\r\n\r\n");
  httpClient.resume();
  await once(httpClient, "close");
  await using client = await clientOf(through(tap));
  await using direct = await clientOf(server.url);
  const [{ pid }] = (await client.query("select pg_backend_pid() pid")).rows as [{ pid: number }];
  const asleep = client.query("select pg_sleep(60)");
  const ended = asleep.catch(codeOf);
  // An idle backend that is ended resets the connection if the statement arrives meanwhile.
  const active = "select 1 from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'";
  await expect.poll(async () => (await direct.query(active, [pid])).rowCount).toBe(1);
  await direct.query("select pg_terminate_backend($1)", [pid]);
  expect(await ended).toBe("57P01");
});

test("pgbench succeeds through the proxy", { timeout: 60_000 }, async ({ skip }) => {
  skip(!existsSync(pgbench), "pgbench is not installed");
  await using tap = await Tap.open({ to, watch: passive });
  const run = promisify(execFile);
  await run(pgbench, ["-i", "-q", through(tap)]);
  for (const protocol of ["simple", "extended", "prepared"]) {
    const args = ["-n", "-c", "4", "-t", "50", "-M", protocol, through(tap)];
    const { stdout } = await run(pgbench, args);
    expect(stdout).toContain("number of transactions actually processed: 200/200");
    expect(stdout).toContain("number of failed transactions: 0");
  }
  await using direct = await clientOf(server.url);
  const sums =
    "select sum(abalance) a from pgbench_accounts union all select sum(delta) from pgbench_history";
  const { rows } = (await direct.query(sums)) as { rows: { a: string }[] };
  expect(rows[0]).toEqual(rows[1]);
});
