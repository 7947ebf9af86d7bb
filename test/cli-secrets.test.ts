// Secrets never reach a report, a log or the terminal. Every field that may contain a secret has a
// canary, the service echoes its input, and the test searches all output for the canaries.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { laterPort } from "../harness/machine/port.ts";

const main = fileURLToPath(new URL("../harness/cli/main.ts", import.meta.url));

/** One canary per place of a secret. Its characters need escaping in every output format. */
const canaries = Object.fromEntries(
  [
    "environment",
    "header",
    "login",
    "session",
    "address",
    "hook",
    "hookHeader",
    "database",
    "server",
    "interpolated",
  ].map((name) => [name, `canary/${name} "in" 100%+`]),
);
const inUrl = (name: string) => encodeURIComponent(canaries[name] ?? "");

/** Echoes its input in its log, its replies and its errors. */
const service = `
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
let turns = 0;
createServer(async (request, response) => {
  const all = { url: request.url, headers: request.headers, body: await text(request) };
  const basic = Buffer.from("me:" + process.env.API_KEY).toString("base64");
  const echo = JSON.stringify({ ...all, basic, environment: process.env.API_KEY });
  appendFileSync("service.log", echo + process.env.API_KEY + "\\n");
  console.log(echo);
  console.log(process.env.API_KEY);
  if (request.url === "/ready") return response.end("fine");
  response.setHeader("content-type", "application/json");
  if (request.url === "/login") {
    return response.end(JSON.stringify({ token: process.env.SESSION }));
  }
  turns += 1;
  response.statusCode = turns % 4 === 0 ? 500 : 200;
  response.end(JSON.stringify(turns % 5 === 0 ? { error: echo } : { reply: echo }));
}).listen(process.env.PORT, "127.0.0.1");
`;

let folder = "";
let there: Server;
let requests = "";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "canary-"));
  writeFileSync(join(folder, "service.mjs"), service);
  requests = "";
  there = createServer((request, response) => {
    void text(request).then((body) => {
      const all = JSON.stringify({ url: request.url, headers: request.headers, body });
      requests += all;
      response.statusCode = request.url === "/kill" ? 500 : 200;
      response.end(JSON.stringify({ reply: all }));
    });
  });
  await new Promise<void>((resolve) => there.listen(0, "127.0.0.1", resolve));
});

afterEach(() => {
  there.closeAllConnections();
  there.close();
  rmSync(folder, { recursive: true });
});

async function configure(): Promise<void> {
  const modelPort = await laterPort();
  const { port } = there.address() as AddressInfo;
  const talk = {
    headers: { authorization: `Bearer ${canaries["header"]}`, "x-session": "${token}" },
    login: [
      {
        post: "/login",
        json: { password: canaries["login"] },
        capture: { token: "$.token" },
      },
    ],
    say: {
      post: "/say",
      json: { text: "${message}", thread: "${thread}", to: "${env:CANARY}" },
      reply: "$.reply",
    },
  };
  const mine = {
    kind: "command",
    start: "node service.mjs",
    env: {
      PORT: "${port}",
      MODEL: "${model}",
      API_KEY: canaries["environment"],
      SESSION: canaries["session"],
    },
    ready: { get: "/ready" },
    ...talk,
  };
  const deployed = {
    kind: "url",
    address: `http://me:${inUrl("address")}@127.0.0.1:${port}/below`,
    ...talk,
    login: [],
    headers: {},
    wires: { model: modelPort },
    hooks: {
      kill: {
        run: "echo $HOOK_TOKEN; echo $HOOK_TOKEN > hook.log; exit 1",
        env: { HOOK_TOKEN: canaries["hook"] },
      },
      start: "true",
      redeploy: {
        post: `http://127.0.0.1:${port}/kill`,
        headers: { authorization: canaries["hookHeader"] },
      },
    },
  };
  const pin = { header: "x-replica", replicas: ["a", "b"] };
  const database = { url: `postgres://me:${inUrl("database")}@127.0.0.1:9/db`, test: true };
  const targets = { mine, deployed: { ...deployed, pin }, stored: { ...deployed, database } };
  writeFileSync(join(folder, "threadproof.config.json"), JSON.stringify({ targets }));
}

function run(...args: string[]): Promise<{ code: number | null; printed: string }> {
  const env = { ...process.env, CANARY: canaries["interpolated"], THREADPROOF_DEBUG: "1" };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, "run", ...args],
      { cwd: folder, env },
      (_, out, err) => resolve({ code: child.exitCode, printed: out + err }),
    );
  });
}

/** The written reports and the printed text, by file name. */
function searched(printed: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile() && it.parentPath.includes("reports"))
    .map((it) => join(it.parentPath, it.name));
  const read = files.map((file) => [file, readFileSync(file, "utf8")] as const);
  return { printed, ...Object.fromEntries(read) };
}

/** The canaries that occur in the texts, in any encoding. */
function found(texts: Record<string, string>): string[] {
  return Object.entries(texts).flatMap(([where, it]) =>
    Object.entries(canaries).flatMap(([name, secret]) => {
      const base64 = Buffer.from(`me:${secret}`).toString("base64").slice(4, -4);
      const json = JSON.stringify(secret).slice(1, -1);
      const nested = JSON.stringify(json).slice(1, -1);
      const forms = [secret, json, nested, encodeURIComponent(secret), base64];
      return forms.some((form) => it.includes(form)) ? [`${name} in ${where}`] : [];
    }),
  );
}

test("the reports and the output of a run contain no canary", async () => {
  await configure();
  const scenarios = ["restart", "rolling-redeploy", "table-growth"];
  const allFormats = ["--reporter", "terminal,json,junit,ctrf,summary,github"];
  const { code, printed } = await run(...scenarios, "--allow-hooks", ...allFormats);
  // It answers one turn with 500, which nothing excuses.
  expect(code).toBe(1);
  const log = readFileSync(join(folder, "service.log"), "utf8");
  const hook = readFileSync(join(folder, "hook.log"), "utf8");
  // The service received every canary except those of the databases, which do not exist.
  expect(found({ log, hook, requests }).map((it) => it.split(" ")[0])).toEqual(
    expect.arrayContaining([
      "environment",
      "header",
      "login",
      "session",
      "address",
      "hook",
      "hookHeader",
      "interpolated",
    ]),
  );
  const texts = searched(printed);
  expect(found(texts)).toEqual([]);
  expect(Object.keys(texts).length).toBeGreaterThan(8);
  expect(Object.keys(texts).filter((it) => it.endsWith("latest/ctrf.json"))).toHaveLength(1);
  expect(printed).toMatch(/^::warning /m);
  expect(Object.values(texts).join("").split("***").length).toBeGreaterThan(50);
}, 120_000);

test("the error of a failed run with a secret in its command line contains no canary", async () => {
  await configure();
  const url = `postgres://me:${inUrl("server")}@127.0.0.1:9/db`;
  const args = ["restart", "--target", "mine", "--database-url", url];
  const refused = await run(...args);
  expect(refused.code).toBe(64);
  const failed = await run(...args, "--test-database");
  expect(failed.code).toBe(70);
  expect(failed.printed).toContain("no Postgres answers at 127.0.0.1:9");
  expect(found(searched(refused.printed + failed.printed))).toEqual([]);
});
