// Broken services, as they occur during development. The command line explains each in a sentence,
// within the limits of the configuration, and leaves nothing behind. One run of all of them takes
// about half a minute.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunReport } from "../../harness/report/result.ts";
import { memoryFolder } from "../../harness/machine/scratch.ts";
import { carriersOf } from "../../harness/machine/watchdog/process-table.ts";

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bad services "));
const reports = mkdtempSync(join(tmpdir(), "bad reports "));
/** An environment variable that every process of the run inherits. */
const mark = randomUUID();

/** The most processes at one time: without it the last test could not fail. */
let most = 0;
let end: { code: number | null; pid: number; report: RunReport };

beforeAll(async () => {
  const config = file("examples/bad/threadproof.config.ts");
  const args = ["run", "restart", "--config", config, "--reports", reports, "--json"];
  const child = spawn(process.execPath, [file("harness/cli/main.ts"), ...args], {
    env: { ...process.env, TMPDIR: folder, BAD_SERVICES: mark, GITHUB_STEP_SUMMARY: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit") as Promise<[number | null]>;
  const printed = text(child.stdout);
  const looking = setInterval(() => {
    most = Math.max(most, carriersOf("BAD_SERVICES", mark).size);
  }, 500);
  const [out, [code]] = await Promise.all([printed, ended]);
  clearInterval(looking);
  end = { code, pid: child.pid ?? 0, report: JSON.parse(out) as RunReport };
});

afterAll(() => {
  for (const it of [folder, reports]) rmSync(it, { recursive: true });
});

const notReady = "it did not become ready on an empty database: ";
const silent = "no replica answered a first turn; the outcome on a was unknown: ";

test.each([
  ["never ready", `${notReady}GET /health answers 503: the cache is being warmed`],
  ["crashes at boot", `${notReady}Error: SECRET_KEY is not set`],
  [
    "ignores its port",
    `${notReady}nothing answers GET /health within 4000 ms: it is slow, or listens elsewhere`,
  ],
  [
    "answers HTML",
    `${silent}no reply at $.reply: 200 and a page of HTML: <!doctype html><title>Welcome to nginx!</title>`,
  ],
  [
    "an error inside 200",
    `${silent}no reply at $.reply: 200 {"error":{"message":"the model's quota is used up"}}`,
  ],
  // The machine decides which limit it exceeds first.
  [
    "streams without end",
    expect.stringMatching(
      /first turn; the outcome on a was unknown: (.* 1000 ms$|the response is longer than )/,
    ),
  ],
])("%s: the run is inconclusive and says why in a sentence", (target, because) => {
  const result = end.report.results.find((it) => it.target === target);
  expect(result).toMatchObject({ verdict: { kind: "inconclusive", because }, asExpected: false });
});

test.each(["forks", "prints 256 MB"])("%s: the run judges it like any other service", (target) => {
  const result = end.report.results.find((it) => it.target === target);
  expect(result?.diagnoses.map(({ kind }) => kind)).toEqual(["amnesia"]);
});

test("no case exceeds its limits, and inconclusive cases make the exit code 2", () => {
  const longest = Math.max(...end.report.results.map((it) => it.durationMs));
  // The service that prints 256 MB starts twice, within 60 s each.
  expect(longest).toBeLessThan(120_000);
  expect(end.code).toBe(2);
});

test("no process, port or folder is left behind", () => {
  expect(most).toBeGreaterThan(1);
  expect(carriersOf("BAD_SERVICES", mark)).toEqual(new Set());
  expect(readdirSync(folder)).toEqual([]);
  const ours = readdirSync(memoryFolder).filter((it) => it.startsWith(`threadproof-${end.pid}-`));
  expect(ours).toEqual([]);
});
