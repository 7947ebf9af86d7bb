// `threadproof doctor --target` as a separate process, on sound and on broken services.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { carriersOf } from "../harness/machine/watchdog/process-table.ts";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const bare = ["--config", file("../examples/bare/threadproof.config.ts")];
const bad = ["--config", file("../examples/bad/threadproof.config.ts")];

function doctor(...args: string[]) {
  const temporary = mkdtempSync(join(tmpdir(), "doctor-target-"));
  const mark = randomUUID();
  const child = spawn(process.execPath, [file("../harness/cli/main.ts"), "doctor", ...args], {
    env: { ...process.env, TMPDIR: temporary, DOCTORED: mark },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(temporary, { recursive: true, force: true });
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  const end = Promise.all([text(child.stdout), text(child.stderr), ended]).then(
    ([out, err, [code]]) => ({ out, err, code }),
  );
  return { child, end, mark, left: () => readdirSync(temporary) };
}

/** The line of a part and its continuation lines, joined into one line. */
function lineOf(out: string, part: string): string {
  const lines = out.split("\n");
  const first = lines.findIndex((line) => line.slice(2).startsWith(part.padEnd(16)));
  const next = lines.findIndex((line, i) => i > first && !line.startsWith(" ".repeat(18)));
  return lines.slice(first, next).join(" ").replaceAll(/\s+/g, " ");
}

test("0: everything that is declared works, and the output lists what will run", async () => {
  const { end, left } = doctor("--target", "bare", ...bare);
  const { out, err, code } = await end;
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^Target bare \(command\)\n\n✔ start /);
  expect(lineOf(out, "threads")).toMatch(/^✔ threads two threads are isolated/);
  expect(lineOf(out, "delete")).toMatch(
    /^– delete not declared: if the service can delete a thread, add delete/,
  );
  expect(out).toMatch(/^will run \d+ of \d+ +round-robin, restart/m);
  expect(out).toMatch(/^will not run +kill-mid-graph/m);
  expect(left()).toEqual([]);
}, 120_000);

test.each([
  ["never ready", "start", "GET /health answers 503: the cache is being warmed"],
  ["crashes at boot", "start", "Error: SECRET_KEY is not set"],
  ["ignores its port", "start", "nothing answers GET /health within 4000 ms"],
  ["answers HTML", "turn", "Welcome to nginx!"],
])(
  "1: the service that %s has a finding for %s",
  async (target, part, says) => {
    const { end, left } = doctor("--target", target, ...bad);
    const { out, err, code } = await end;
    expect([code, err]).toEqual([1, ""]);
    expect(lineOf(out, part)).toMatch(new RegExp(`^✘ ${part} `));
    expect(lineOf(out, part)).toContain(says);
    expect(lineOf(out, "read")).toMatch(/^– read .*not tried, because this does not work: /);
    expect(out).toMatch(/^will run 0 of \d+ +none$/m);
    expect(left()).toEqual([]);
  },
  120_000,
);

test("1: with --json the output is only JSON", async () => {
  const { out, code } = await doctor("--target", "answers HTML", ...bad, "--json").end;
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    target: "answers HTML",
    works: false,
    parts: expect.arrayContaining([
      { part: "turn", state: "broken", says: expect.stringContaining("check the path of say") },
    ]),
    capabilities: expect.arrayContaining(["kill", "model"]),
    runs: [],
    notRun: expect.arrayContaining([
      { scenario: "restart", reason: "proves nothing until this works: turn" },
    ]),
  });
}, 120_000);

test.each([
  [
    [...bad],
    /^threadproof: which target\? Use --target with one of never ready, crashes at boot, /,
  ],
  [["--target", "mine", ...bare], /^threadproof: no target "mine"; targets: bare$/],
  [["--database-url", "postgres://x"], /^threadproof: --database-url needs --target <name>$/],
  [["--database-url", "postgres://127.0.0.1:9/x", ...bare], /--database-url needs --test-database/],
  [
    ["--database-url", "postgres://db.example/x", ...bare],
    /^threadproof: --database-url .*example/,
  ],
])(
  "64: one sentence explains wrong usage: %j",
  async (args, sentence) => {
    const { out, err, code } = await doctor(...args).end;
    expect([code, out]).toEqual([64, ""]);
    expect(err.trimEnd()).toMatch(sentence);
  },
  60_000,
);

test.each([0, 100, 300, 600, 1_000, 2_000])(
  "130: ctrl-c leaves nothing behind, %d ms after the doctor created its folder",
  async (ms) => {
    const { child, end, mark, left } = doctor("--target", "never ready", ...bad);
    // From now on the doctor opens its resources, or has opened them.
    await expect.poll(left, { timeout: 60_000, interval: 5 }).not.toEqual([]);
    await delay(ms);
    child.kill("SIGINT");
    const { out, code } = await end;
    expect(code).toBe(130);
    expect(out).not.toContain("✘");
    expect(carriersOf("DOCTORED", mark)).toEqual(new Set());
    expect(left()).toEqual([]);
  },
  120_000,
);
