import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { clockEnvironment, libfaketime } from "./clock.ts";

const hourMs = 3_600_000;

/** What a service says of its time: by Date, as a text, as of old, and in the head of an answer. */
const service = `
  import { createServer } from "node:http";
  const said = [Date.now(), new Date().getTime(), Date.parse(Date())];
  const fixed = [new Date(0).getTime(), new Date(2026, 0, 2).getDate(), Date.UTC(1970, 0, 1)];
  const server = createServer((_, response) => response.writeHead(200, "fine").end()).listen(0);
  const answer = await fetch("http://127.0.0.1:" + server.address().port);
  said.push(Date.parse(answer.headers.get("date")));
  server.close().closeAllConnections();
  console.log(JSON.stringify({ said, fixed, isDate: new (class extends Date {})() instanceof Date }));`;

async function timesWith(environment: Readonly<Record<string, string>>) {
  const args = ["--input-type=module", "--eval", service];
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const told: unknown = JSON.parse(stdout);
  return told as { said: number[]; fixed: number[]; isDate: boolean };
}

test.each([0, hourMs])("a Node process is ahead by %s ms, and its answers are", async (aheadMs) => {
  const from = Date.now() + aheadMs;
  const { said, fixed, isDate } = await timesWith(clockEnvironment(aheadMs, null, process.env));
  const until = Date.now() + aheadMs;
  expect(said).toHaveLength(4);
  // Texts tell seconds.
  for (const time of said) expect(time).toBeGreaterThanOrEqual(from - 1_000);
  for (const time of said) expect(time).toBeLessThanOrEqual(until);
  expect({ fixed, isDate }).toEqual({ fixed: [0, 2, 0], isDate: true });
});

test("what a process has been given anyway is kept", () => {
  const { NODE_OPTIONS } = clockEnvironment(1_000, null, { NODE_OPTIONS: "--no-warnings" });
  expect(NODE_OPTIONS).toMatch(/^--no-warnings --import=data:text\/javascript,[^\s"]+$/);
  expect(clockEnvironment(1_500, "/lib/two.so", { LD_PRELOAD: "/lib/one.so" })).toMatchObject({
    LD_PRELOAD: "/lib/one.so /lib/two.so",
    FAKETIME: "+1.5s",
  });
});

test("the library is looked for in the usual places", () => {
  const folder = mkdtempSync(join(tmpdir(), "clock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const places = [`${folder}/nowhere`, `${folder}/*/faketime`];
  expect(libfaketime(places)).toBe(null);
  mkdirSync(`${folder}/x86/faketime`, { recursive: true });
  writeFileSync(`${folder}/x86/faketime/libfaketimeMT.so.1`, "");
  expect(libfaketime(places)).toBe(`${folder}/x86/faketime/libfaketimeMT.so.1`);
});
