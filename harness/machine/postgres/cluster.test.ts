// One server for this file: about 1 s for initdb, 0.05 s to start, 0.03 s to stop.
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openScratch } from "../scratch.ts";
import { startWatchdog } from "../watchdog/watchdog.ts";
import { openCluster } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";
import { startPostgres } from "./postgres-server.ts";
import type { PostgresServer } from "./postgres-server.ts";
import { survey } from "./survey.ts";

const stack = new AsyncDisposableStack();
const runId = `c${process.pid}`;
let server: PostgresServer;
let cluster: Cluster;

beforeAll(async () => {
  const scratch = stack.use(openScratch());
  const watchdog = stack.use(await startWatchdog({ runId, scratch }));
  server = stack.use(await startPostgres({ scratch, watchdog }));
  cluster = stack.use(await openCluster({ url: server.url, runId, ours: true }));
  await cluster.template("notes", (url) =>
    withClient(url, async (client) => {
      await client.query("CREATE TABLE notes (id serial PRIMARY KEY, text text)");
    }),
  );
}, 30_000);

afterAll(() => stack.disposeAsync());

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  client.on("error", () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

describe("a cluster", () => {
  test("copies its template, and copies share nothing", async () => {
    const begin = performance.now();
    await using first = await cluster.create({ template: "notes" });
    console.log(`clone: ${(performance.now() - begin).toFixed(0)} ms (budget 100 ms)`);
    await using second = await cluster.create({ template: "notes" });
    await first.query("INSERT INTO notes (text) VALUES ($1)", ["hello"]);
    expect(await first.query("SELECT text FROM notes")).toEqual([{ text: "hello" }]);
    expect(await second.query("SELECT text FROM notes")).toEqual([]);
  });

  test("prepares a template once for concurrent callers", async () => {
    let prepared = 0;
    const prepare = async () => void prepared++;
    await Promise.all([1, 2, 3].map(() => cluster.template("once", prepare)));
    expect(prepared).toBe(1);
  });

  test("can copy a template whose migration left its pool open", async () => {
    const client = { current: null as pg.Client | null };
    await cluster.template("open", async (url) => {
      client.current = new pg.Client(url);
      client.current.on("error", () => {});
      await client.current.connect();
    });
    await using _ = await cluster.create({ template: "open" });
  });

  test("tries a template again after its migration failed", async () => {
    const failing = cluster.template("twice", () => Promise.reject(new Error("no migration")));
    await expect(failing).rejects.toThrow('cannot create the template database "twice": no mig');
    await cluster.template("twice", async () => {});
    await using _ = await cluster.create({ template: "twice" });
  });

  test("the error for an unknown template names the known ones", async () => {
    const unknown = cluster.create({ template: "nots" });
    await expect(unknown).rejects.toThrow(/no template "nots"; templates: "notes"/);
  });

  test("drops a database while a client is connected to it", async () => {
    const database = await cluster.create();
    await withClient(database.url, async () => database[Symbol.asyncDispose]());
    await expect(withClient(database.url, async () => {})).rejects.toThrow(/does not exist/);
  });

  test("the error for an unreachable server does not contain the password", async () => {
    const url = "postgres://somebody:secret@127.0.0.1:1/x";
    const error: Error = await openCluster({ url, runId, ours: false }).catch((it) => it);
    expect(error.message).toMatch(/^no Postgres answers at 127\.0\.0\.1:1 \(ECONNREFUSED\): start/);
    expect(error.message).not.toContain("secret");
  });

  test("the error for a refused user names the user and the database", async () => {
    const url = server.url.replace(/:[0-9a-f]+@/, ":wrong@");
    await expect(openCluster({ url, runId, ours: false })).rejects.toThrow(
      /refuses user "postgres" on database "postgres" \(.*\): check --database-url$/,
    );
  });
});

describe("on a server that is not ours a cluster", () => {
  const names = async () => {
    const sql = "SELECT datname FROM pg_database WHERE datname ~ 'other|^threadproof_(dead|live)'";
    return withClient(server.url, async (client) => {
      const { rows } = await client.query(`${sql} ORDER BY 1`);
      return rows.map((row: { datname: string }) => row.datname);
    });
  };

  test("drops databases of killed runs, but not those of living runs or of others", async () => {
    await using alive = await openCluster({ url: server.url, runId: "live", ours: false });
    await using _ = await alive.create();
    await withClient(server.url, async (client) => {
      await client.query("CREATE DATABASE other");
      await client.query("CREATE DATABASE threadproof_dead_1");
    });
    const foreign = await openCluster({ url: server.url, runId: "next", ours: false });
    await foreign[Symbol.asyncDispose]();
    expect(await names()).toEqual(["other", "threadproof_live_1"]);
  });

  test("drops its databases, templates and roles at the end", async () => {
    const foreign = await openCluster({ url: server.url, runId: "end", ours: false });
    await foreign.template("t", async () => {});
    const database = await foreign.create({ template: "t" });
    await database.role({ create: false });
    await foreign[Symbol.asyncDispose]();
    const { rows } = await withClient(server.url, (client) =>
      client.query(`SELECT datname FROM pg_database WHERE datname LIKE 'threadproof_end%'
        UNION SELECT rolname FROM pg_roles WHERE rolname LIKE 'threadproof_end%'`),
    );
    expect(rows).toEqual([]);
  });
});

describe("a database", () => {
  test("creates a role that reads and writes rows and cannot create tables", async () => {
    await using database = await cluster.create({ template: "notes" });
    const url = await database.role({ create: false });
    await database.query("CREATE TABLE later (id serial, text text)");
    await withClient(url, async (client) => {
      await client.query("INSERT INTO notes (text) VALUES ('a')");
      await client.query("INSERT INTO later (text) VALUES ('a')");
      await client.query("UPDATE later SET text = 'b'");
      await expect(client.query("CREATE TABLE mine (id int)")).rejects.toMatchObject({
        code: "42501",
      });
      await expect(client.query("DROP TABLE notes")).rejects.toMatchObject({ code: "42501" });
    });
  });

  test("creates a role with `create` that can create tables", async () => {
    await using database = await cluster.create();
    const url = await database.role({ create: true });
    await withClient(url, (client) => client.query("CREATE TABLE mine (id int)"));
  });

  test("saves slowly and counts rows until slowSaves is disposed", async () => {
    await using database = await cluster.create({ template: "notes" });
    const url = await database.role({ create: false });
    await withClient(url, async (client) => {
      const insert = async () => {
        const begin = performance.now();
        await client.query("INSERT INTO notes (text) VALUES ('a')");
        return performance.now() - begin;
      };
      const slow = await database.slowSaves(120);
      expect(await insert()).toBeGreaterThan(118);
      expect(await slow.met()).toBe(1);
      // Some services keep a conversation in one row.
      await client.query("UPDATE notes SET text = 'b'");
      expect(await slow.met()).toBe(2);
      await slow[Symbol.asyncDispose]();
      await insert();
      expect(await slow.met()).toBe(2);
      await using another = await database.slowSaves(1);
      expect(await another.met()).toBe(0);
    });
    expect((await survey(database)).tables).toMatchObject([{ table: "notes", rows: 2 }]);
  });

  test("heals slow saves while a paused transaction locks the table", async () => {
    await using database = await cluster.create({ template: "notes" });
    const slow = await database.slowSaves(30_000);
    await withClient(database.url, async (client) => {
      await client.query("BEGIN; LOCK TABLE notes IN ROW EXCLUSIVE MODE");
      const healed = slow[Symbol.asyncDispose]();
      const begin = performance.now();
      // Wait until the function does not sleep any more; the trigger remains.
      const body = "SELECT prosrc FROM pg_proc WHERE proname LIKE 'threadproof%'";
      while (/sleep/.test(String((await client.query(body)).rows[0]?.prosrc))) continue;
      await client.query("INSERT INTO notes (text) VALUES ('a'); COMMIT");
      expect(performance.now() - begin).toBeLessThan(10_000);
      await healed;
    });
  });

  test("with LangGraph's tables, slows only the saving of checkpoints", async () => {
    await using database = await cluster.create({ template: "notes" });
    await database.query(
      "CREATE TABLE checkpoints (id int); CREATE TABLE checkpoint_blobs (id int)",
    );
    await using slow = await database.slowSaves(1);
    await database.query("INSERT INTO notes (text) VALUES ('a')");
    await database.query("INSERT INTO checkpoint_blobs VALUES (1)");
    expect(await slow.met()).toBe(0);
    await database.query("INSERT INTO checkpoints VALUES (1)");
    expect(await slow.met()).toBe(1);
  });

  test("refuseWrites refuses and counts each written row, and reads go on", async () => {
    await using database = await cluster.create({ template: "notes" });
    const write = () => database.query("INSERT INTO notes (text) VALUES ('a')");
    await write();
    const full = await database.refuseWrites();
    await expect(write()).rejects.toMatchObject({ code: "53100" });
    const change = database.query("UPDATE notes SET text = 'b'");
    await expect(change).rejects.toMatchObject({ code: "53100" });
    expect(await database.query("SELECT text FROM notes")).toEqual([{ text: "a" }]);
    expect(await full.met()).toBe(2);
    await full[Symbol.asyncDispose]();
    await write();
    expect(await full.met()).toBe(2);
  });

  test("readOnly makes new sessions read only until it is disposed", async () => {
    await using database = await cluster.create({ template: "notes" });
    const write = (client: pg.Client) => client.query("INSERT INTO notes (text) VALUES ('a')");
    const old = new pg.Client(database.url);
    const ended = new Promise((resolve) => old.on("error", () => {}).once("end", resolve));
    await old.connect();
    const readOnly = await database.readOnly();
    await ended;
    expect(readOnly.ended).toBe(1);
    const during = new pg.Client(database.url);
    during.on("error", () => {});
    await during.connect();
    await expect(write(during)).rejects.toMatchObject({ code: "25006" });
    expect((await during.query("SELECT * FROM notes")).rows).toEqual([]);
    await readOnly[Symbol.asyncDispose]();
    await readOnly[Symbol.asyncDispose]();
    expect(readOnly.read).toBe(1);
    await withClient(database.url, write);
  });

  test.each([
    ["writes", "INSERT INTO notes (text) VALUES ('a')", "SELECT * FROM notes"],
    ["everything", "SELECT * FROM notes", "SELECT 1"],
  ] as const)("locked against %s, makes statements wait", async (against, waits, passes) => {
    await using database = await cluster.create({ template: "notes" });
    await withClient(database.url, async (client) => {
      const locked = await database.lockTables(against);
      await client.query(passes);
      expect(locked.met).toBe(false);
      const waiting = client.query(waits);
      await locked.reached(10_000);
      expect(locked.met).toBe(true);
      await locked[Symbol.asyncDispose]();
      await waiting;
    });
  });

  test("releases a lock that no statement waited for, with met = false", async () => {
    await using database = await cluster.create({ template: "notes" });
    const locked = await database.lockTables("everything");
    await locked.reached(30);
    await locked[Symbol.asyncDispose]();
    expect(locked.met).toBe(false);
    await database.query("SELECT * FROM notes");
  });

  test("ends all connections but its own, counts them, and spares other databases", async () => {
    await using database = await cluster.create();
    await using another = await cluster.create();
    const pid = async () => another.query("SELECT pg_backend_pid()");
    const before = await pid();
    await database.query("SELECT 1");
    const clients = [1, 2].map(() => new pg.Client(database.url));
    await using lock = await database.lockTables("writes");
    const ends = clients.map((client) => {
      client.on("error", () => {});
      return new Promise((resolve) => client.once("end", resolve));
    });
    for (const client of clients) await client.connect();
    expect(await database.connections()).toBe(2);
    expect(await database.terminateConnections()).toBe(2);
    await Promise.all(ends);
    expect(await database.terminateConnections()).toBe(0);
    expect(await database.connections()).toBe(0);
    await lock.reached(1);
    expect(await pid()).toEqual(before);
  });

  test("keeps committed rows and reconnects after a crash of the server", async () => {
    await using database = await cluster.create({ template: "notes" });
    await database.query("INSERT INTO notes (text) VALUES ('kept')");
    const { port, pid } = server;
    await server.crash();
    expect(server.pid).toBeNull();
    await expect(database.query("SELECT 1")).rejects.toThrow(/no Postgres answers|terminated/);
    await server.start();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await database.query("SELECT text FROM notes")).toEqual([{ text: "kept" }]);
  });

  test("dispose succeeds while the server is down", async () => {
    const database = await cluster.create();
    await server.crash();
    await database[Symbol.asyncDispose]();
    await server.start();
  });
});
