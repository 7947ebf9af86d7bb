// The errors of `threadproof replay` for input that it cannot replay. Each process takes 1 s.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { headerOf } from "./support/shorthand.ts";
import { sweepOf } from "./support/sample-sweep.ts";

const main = fileURLToPath(new URL("../harness/cli/main.ts", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

const headerLine = (scenario: string, part: object = {}) => {
  const run = `${scenario}/reference/plain`;
  const header = { ...headerOf({}), run, scenario, target: "reference", variant: null, ...part };
  return `${JSON.stringify({ header })}\n`;
};

const files = {
  "sweep/sweep.json": JSON.stringify(sweepOf("s1 · s2 L | s3 ·")),
  "old/sweep.json": '{"services": []}',
  "none/history.jsonl": "",
  "other/junit.xml": "<testsuites>\n</testsuites>\n",
  "two/history.jsonl": headerLine("restart") + headerLine("round-robin"),
  "unsaid/history.jsonl": headerLine("restart", { seed: 7 }),
  "theirs/history.jsonl": headerLine("restart", { target: "theirs" }),
  "gone/history.jsonl": headerLine("rstart"),
};

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "replay-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.concurrent.each<[string, string[], RegExp]>([
  [
    "a sweep",
    ["sweep"],
    /is from a sweep; reproduce a point with its own command:\n  sweep --point 's2'   violated$/,
  ],
  ["another sweep", ["old/sweep.json"], /old\/sweep\.json was not written by a sweep$/],
  ["an empty history", ["none"], /^threadproof: the history has no run$/],
  ["a folder without a history", ["other"], /^threadproof: no history\.jsonl in .*other; a run /],
  [
    "another file",
    ["other/junit.xml"],
    /junit\.xml:1 is not JSON: threadproof run did not write it$/,
  ],
  [
    "a missing file",
    ["nowhere"],
    /^threadproof: no file or folder .*nowhere; a run writes reports\/latest$/,
  ],
  [
    "several runs without --case",
    ["two"],
    /the history has 2 runs; select one with --case:\n  restart\/reference\/plain\n/,
  ],
  [
    "an unknown case",
    ["two", "--case", "zombie"],
    /^threadproof: no run "zombie"; there are\n  restart/,
  ],
  [
    "an unknown variant",
    ["two", "--case", "restart", "--variant", "x"],
    /^threadproof: no variant "x"; /,
  ],
  ["a run that never began", ["unsaid"], /its workload never began.*\n.*run restart --seed 7$/],
  ["an unknown target", ["theirs"], /^threadproof: no target "theirs"; there are reference$/],
  ["an unknown scenario", ["gone"], /^threadproof: no scenario "rstart"/],
])(
  "64: prints the reason and writes no reports for %s",
  async (_, [place = "", ...flags], says) => {
    const reports = join(folder, "reports");
    const args = [main, "replay", join(folder, place), ...flags, "--reports", reports];
    const ended = await promisify(execFile)(process.execPath, args, { cwd: root }).catch(
      (error: unknown) => error,
    );
    const { code, stdout, stderr } = ended as { code?: number; stdout: string; stderr: string };
    expect([code, stdout]).toEqual([64, ""]);
    expect(stderr.trimEnd()).toMatch(says);
    expect(stderr).not.toContain("    at ");
    expect(readdirSync(folder)).not.toContain("reports");
  },
  60_000,
);
