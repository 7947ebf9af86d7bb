// One server at about 1 s (initdb). Uses psql and openssl if they are installed.
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chownSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ordinaryAccount } from "../../machine/postgres/account.ts";
import { type DatabaseServer, startPostgres } from "../../machine/postgres/postgres-server.ts";
import { openScratch } from "../../machine/scratch.ts";
import { startWatchdog } from "../../machine/watchdog/watchdog.ts";
import { openDatabaseWire } from "./database-wire.ts";
import type { Ended, Statement } from "./protocol-state.ts";
import type { Frame } from "./frames.ts";
import {
  openRawClient,
  execute,
  int32,
  message,
  type RawClient,
  sync,
} from "../../../test/support/postgres-messages.ts";
import { Tap, type Watch } from "./statement-proxy.ts";

const scratch = openScratch();
const watchdog = await startWatchdog({ runId: `said${process.pid.toString(36)}`, scratch });
let server: DatabaseServer;

beforeAll(async () => {
  server = await startPostgres({ scratch, watchdog });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await watchdog[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

async function tapWith(part: Partial<Watch> = {}) {
  const { hostname: host, port } = new URL(server.url);
  const watch = { before: () => {}, after: () => {}, gone: () => {}, ...part };
  const tap = await Tap.open({ to: { host, port: Number(port) }, watch });
  const url = new URL(server.url);
  url.host = `127.0.0.1:${tap.port}`;
  return { url: url.href, [Symbol.asyncDispose]: () => tap[Symbol.asyncDispose]() };
}

/** Runs a script directly and through a tap that stops at every statement, and compares both. */
async function both(script: (client: RawClient) => Promise<Frame[]>) {
  const events: string[] = [];
  const nameOf = ({ verb, table }: Statement) => (table === null ? verb : `${verb} ${table}`);
  const before = async (statement: Statement): Promise<void> => {
    events.push(`before ${nameOf(statement)}`);
    await breathe();
  };
  const after = async ({ statement, how, inTransaction }: Ended): Promise<void> => {
    events.push(`${nameOf(statement)} is ${how}${inTransaction ? ", in a transaction" : ""}`);
    await breathe();
  };
  await using tap = await tapWith({ before, after });
  const answers: string[][] = [];
  for (const url of [server.url, tap.url]) {
    using client = await openRawClient(server.url);
    const clean = "drop table if exists t; create table t (id int primary key)";
    client.send(message("Q", clean));
    await client.until("Z");
    using other = await openRawClient(url);
    const frames = await script(other);
    answers.push(frames.map(({ type, body }) => `${type} ${body.toString("latin1")}`));
  }
  const [direct, tapped] = answers;
  expect(tapped).toEqual(direct);
  return { events, types: (tapped ?? []).map((it) => it[0]).join("") };
}

const copyIn = execute("copy t from stdin");
const rows = (...lines: readonly string[]) =>
  lines.map((it) => message("d", Buffer.from(`${it}\n`)));

test("COPY data from a client that does not wait for the server's request", async () => {
  const { events, types } = await both(async ({ send, until }) => {
    send(copyIn, ...rows("1", "2"), message("c"), sync, execute("select count(*) from t"), sync);
    return [...(await until("Z")), ...(await until("Z"))];
  });
  expect(types).toBe("12GCZ12DCZ");
  expect(events).toEqual([
    "before COPY t",
    "before SELECT t",
    "COPY t is done",
    "SELECT t is done",
  ]);
});

test("a Sync that the server ignores because it waits for data, as with libpq", async () => {
  const { events, types } = await both(async ({ send, until }) => {
    send(copyIn, sync);
    const asked = await until("G");
    send(...rows("1", "2"), message("c"), sync);
    const copied = await until("Z");
    send(execute("select count(*) from t"), sync);
    return [...asked, ...copied, ...(await until("Z"))];
  });
  expect(types).toBe("12GCZ12DCZ");
  expect(events).toEqual([
    "before COPY t",
    "COPY t is done",
    "before SELECT t",
    "SELECT t is done",
  ]);
});

test.each([
  ["invalid data", [...rows("1", "one"), message("c"), sync]],
  ["the client aborts", [...rows("1"), message("f", "no more"), sync]],
])("a COPY that fails: %s", async (_, rest) => {
  const { events } = await both(async ({ send, until }) => {
    send(copyIn, sync);
    await until("G");
    send(...rest);
    const failed = await until("Z");
    send(execute("select count(*) from t"), sync);
    return [...failed, ...(await until("Z"))];
  });
  expect(events.slice(1, 2)).toEqual(["COPY t is failed"]);
  expect(events.at(-1)).toBe("SELECT t is done");
});

test("a COPY in a simple query needs no Sync", async () => {
  const { events } = await both(async ({ send, until }) => {
    send(message("Q", "copy t from stdin; select 1"));
    await until("G");
    send(...rows("1"), message("c"));
    const copied = await until("Z");
    send(message("Q", "copy t to stdout"));
    return [...copied, ...(await until("Z"))];
  });
  expect(events).toEqual([
    "before COPY t",
    "before SELECT",
    "COPY t is done",
    "SELECT is done",
    "before COPY t",
    "COPY t is done",
  ]);
});

const psql = "/usr/bin/psql";

/** Runs psql with this standard input, and returns a hash of its output. */
async function runPsql(url: string, sql: string, input = ""): Promise<string> {
  const env = { ...process.env, PGCLIENTENCODING: "UTF8" };
  const child = spawn(psql, ["-X", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", sql], { env });
  const hash = createHash("sha256");
  child.stdout.on("data", (bytes: Buffer) => hash.update(bytes));
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(0);
  return hash.digest("hex");
}

test("megabytes of COPY data pass unchanged", { timeout: 60_000 }, async ({ skip }) => {
  skip(!existsSync(psql), "psql is not installed");
  await using tap = await tapWith();
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i}\t${"é".repeat(i % 40)}\n`).join("");
  const table = "drop table if exists big; create table big (id int, note text)";
  const hashes: string[] = [];
  for (const url of [server.url, tap.url]) {
    await runPsql(server.url, table);
    await runPsql(url, "copy big from stdin", lines);
    hashes.push(await runPsql(url, "copy big to stdout"));
    await using client = await pgClient(url);
    const { rows: sums } = await client.query(
      "select count(*)::int n, sum(length(note)) m from big",
    );
    expect(sums).toEqual([{ n: 200_000, m: expect.any(String) }]);
  }
  expect(hashes[1]).toBe(hashes[0]);
});

test("in a pipeline, statements after an error are skipped up to the Sync", async () => {
  const put = (id: number) => execute(`insert into t values (${id})`);
  const { events, types } = await both(async ({ send, until }) => {
    send(put(1), put(1), put(2), sync, put(3), sync, execute("select id from t"), sync);
    return [...(await until("Z")), ...(await until("Z")), ...(await until("Z"))];
  });
  expect(types).toBe("12C12EZ12CZ12DCZ");
  expect(events.filter((it) => !it.startsWith("before"))).toEqual([
    "INSERT t is done",
    "INSERT t is failed",
    "INSERT t is skipped",
    "INSERT t is done",
    "SELECT t is done",
  ]);
});

test("a client that sends Flush gets its answer without a Sync, as with a cursor", async () => {
  const { events, types } = await both(async ({ send, until }) => {
    send(execute("select generate_series(1, 5)", 2), message("H"));
    const some = await until("s");
    send(message("E", "", int32(0)), sync);
    return [...some, ...(await until("Z"))];
  });
  expect(types).toBe("12DDsDDDCZ");
  expect(events.slice(-2)).toEqual(["SELECT is done", "SELECT is done"]);
});

test("each statement of a simple query counts, and those after an error are skipped", async () => {
  const { events } = await both(async ({ send, until }) => {
    send(message("Q", "begin; insert into t values (1); insert into t values (1); select 1"));
    const failed = await until("Z");
    send(message("Q", "rollback"));
    return [...failed, ...(await until("Z"))];
  });
  expect(events.slice(4)).toEqual([
    "BEGIN is done, in a transaction",
    "INSERT t is done, in a transaction",
    "INSERT t is failed, in a transaction",
    "SELECT is skipped, in a transaction",
    "before ROLLBACK",
    "ROLLBACK is done",
  ]);
});

test("a function call is a statement", async () => {
  const { events, types } = await both(async ({ send, until }) => {
    // int4pl(2, 3), in binary format.
    const given = Buffer.concat([int32(4, 2), int32(4, 3)]);
    send(message("F", int32(177), 1, 1, 2, given, 1));
    return until("Z");
  });
  expect(types).toBe("VZ");
  expect(events).toEqual(["before FUNCTION 177", "FUNCTION 177 is done"]);
});

test("an injected error replaces exactly the answer to its statement", async () => {
  const full = ({ verb }: Statement) =>
    verb === "INSERT" ? Promise.resolve({ sqlstate: "53100" }) : undefined;
  await using tap = await tapWith({ before: full });
  using client = await openRawClient(tap.url);
  const { send, until } = client;
  const types = async () => (await until("Z")).map(({ type }) => type).join("");
  send(message("Q", "create temp table mine (a int)"));
  await until("Z");
  const described = [
    message("P", "", "insert into mine values (1)", 0),
    message("B", "", "", 0, 0, 0),
  ];
  send(...described, message("D", "P"), message("E", "", int32(0)), sync);
  expect(await types()).toBe("12nEZ");
  // After an earlier error in the pipeline, the injected statement is skipped too.
  send(
    execute("select 1/0"),
    execute("insert into mine values (1)"),
    sync,
    execute("select 1"),
    sync,
  );
  expect(await types()).toBe("1EZ");
  expect(await types()).toBe("12DCZ");
  send(message("Q", "select 1; insert into mine values (1); select 2"));
  expect(await types()).toBe("EZ");
});

const openssl = "/usr/bin/openssl";

test("encryption passes without a watch, and is refused with one", async ({ skip }) => {
  skip(!existsSync(openssl), "openssl, which creates the certificate, is not installed");
  await using direct = await pgClient(server.url);
  const { rows: shown } = await direct.query<{ folder: string }>(
    "select current_setting('data_directory') folder",
  );
  const folder = shown[0]?.folder ?? "";
  await encryptIn(folder);
  const secure = { rejectUnauthorized: true, ca: readFileSync(join(folder, "server.crt")) };
  const isSecure = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
  await using wire = await openDatabaseWire(new URL(server.url));
  const through = wire.through(server.url);
  // The server cannot encrypt yet, and its refusal is passed on.
  await expect(pgClient(through, secure)).rejects.toThrow("does not support SSL");
  await direct.query("alter system set ssl = on");
  await direct.query("select pg_reload_conf()");
  const securely = async () => {
    await using client = await pgClient(through, secure);
    return (await client.query(isSecure)).rows;
  };
  await expect.poll(() => securely().catch(String)).toEqual([{ ssl: true }]);
  // Direct TLS without a request (PostgreSQL 17).
  const direct17 = { ...secure, ALPNProtocols: ["postgresql"] };
  await using immediate = await pgClient(through, direct17, { sslnegotiation: "direct" });
  expect((await immediate.query(isSecure)).rows).toEqual([{ ssl: true }]);
  const seen: string[] = [];
  await using tap = await tapWith({ before: ({ verb }) => void seen.push(verb) });
  await expect(pgClient(tap.url, secure)).rejects.toThrow("does not support SSL");
  await using clear = await pgClient(tap.url);
  expect((await clear.query(isSecure)).rows).toEqual([{ ssl: false }]);
  expect(seen).toEqual(["SELECT"]);
});

async function pgClient(url: string, ssl: object | false = false, part: object = {}) {
  const client = new pg.Client({ connectionString: url, ssl, ...part });
  client.on("error", () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end().catch(() => {}) });
}

/** Creates a certificate for 127.0.0.1 that only the server's account can read. */
async function encryptIn(folder: string): Promise<void> {
  const [key, certificate] = ["server.key", "server.crt"].map((it) => join(folder, it));
  const names = "subjectAltName=IP:127.0.0.1";
  const options = [
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=127.0.0.1",
  ];
  const files = ["-addext", names, "-keyout", key ?? "", "-out", certificate ?? ""];
  await promisify(execFile)(openssl, ["req", ...options, ...files]);
  const account = ordinaryAccount();
  if (account === null) return;
  for (const file of [key, certificate]) chownSync(file ?? "", account.uid, account.gid);
}
