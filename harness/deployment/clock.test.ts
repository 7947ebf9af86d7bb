import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { clockEnvironment, libfaketime } from "./clock.ts";

const hourMs = 3_600_000;

/** A service that prints its time from Date and from a response's Date header. */
const service = `
  import { createServer } from "node:http";
  const times = [Date.now(), new Date().getTime(), Date.parse(Date())];
  const fixed = [new Date(0).getTime(), new Date(2026, 0, 2).getDate(), Date.UTC(1970, 0, 1)];
  const server = createServer((_, response) => response.writeHead(200, "fine").end()).listen(0);
  const answer = await fetch("http://127.0.0.1:" + server.address().port);
  times.push(Date.parse(answer.headers.get("date")));
  server.close().closeAllConnections();
  console.log(JSON.stringify({ times, fixed, isDate: new (class extends Date {})() instanceof Date }));`;

async function timesWith(environment: Readonly<Record<string, string>>) {
  const args = ["--input-type=module", "--eval", service];
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const printed: unknown = JSON.parse(stdout);
  return printed as { times: number[]; fixed: number[]; isDate: boolean };
}

test.each([0, hourMs])("a Node process and its responses are %s ms ahead", async (aheadMs) => {
  const from = Date.now() + aheadMs;
  const { times, fixed, isDate } = await timesWith(clockEnvironment(aheadMs, null, process.env));
  const until = Date.now() + aheadMs;
  expect(times).toHaveLength(4);
  // Dates as text have a resolution of one second.
  for (const time of times) expect(time).toBeGreaterThanOrEqual(from - 1_000);
  for (const time of times) expect(time).toBeLessThanOrEqual(until);
  expect({ fixed, isDate }).toEqual({ fixed: [0, 2, 0], isDate: true });
});

test("keeps the process's own NODE_OPTIONS and LD_PRELOAD", () => {
  const { NODE_OPTIONS } = clockEnvironment(1_000, null, { NODE_OPTIONS: "--no-warnings" });
  expect(NODE_OPTIONS).toMatch(/^--no-warnings --import=data:text\/javascript,[^\s"]+$/);
  expect(clockEnvironment(1_500, "/lib/two.so", { LD_PRELOAD: "/lib/one.so" })).toMatchObject({
    LD_PRELOAD: "/lib/one.so /lib/two.so",
    FAKETIME: "+1.5s",
  });
});

test("finds the library in the usual places", () => {
  const folder = mkdtempSync(join(tmpdir(), "clock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const places = [`${folder}/nowhere`, `${folder}/*/faketime`];
  expect(libfaketime(places)).toBe(null);
  mkdirSync(`${folder}/x86/faketime`, { recursive: true });
  writeFileSync(`${folder}/x86/faketime/libfaketimeMT.so.1`, "");
  expect(libfaketime(places)).toBe(`${folder}/x86/faketime/libfaketimeMT.so.1`);
});
