import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Command, describeFailure, runCommand } from "./command.ts";
import { livingProcess } from "./watchdog/process-table.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "command-test-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function shell(line: string, given: Partial<Command> = {}) {
  const env = { PATH: process.env.PATH };
  const place = { cwd: folder, scratch: folder, env };
  const { failure, output } = await runCommand({
    ...place,
    file: "sh",
    args: ["-c", line],
    ...given,
  });
  return { failure, lines: output.lastLines, text: describeFailure(failure ?? "", output) };
}

const pidIn = (file: string) => Number(readFileSync(join(folder, file), "utf8"));

test("a successful command has no failure, and its output keeps the printed order", async () => {
  const { failure, lines } = await shell("echo one; echo two >&2; echo three");
  expect(failure).toBeNull();
  expect(lines).toEqual(["one", "two", "three"]);
});

test.each<[line: string, text: string, given?: Partial<Command>]>([
  ["echo no >&2; exit 3", "ended with 3: no"],
  ["kill -9 $$", "ended with SIGKILL"],
  ["", "cannot be run: spawn nonesuch ENOENT", { file: "nonesuch" }],
  ["", 'cannot be run: The "cwd" option is invalid: /nonesuch.', { cwd: "/nonesuch" }],
])("a failure is described with the last output: %s", async (line, text, given = {}) => {
  expect((await shell(line, given)).text).toBe(text);
});

test("a command gets only the given environment", async () => {
  const env = { PATH: process.env.PATH, GIVEN: "here", ABSENT: undefined };
  const { lines } = await shell("echo $GIVEN-$ABSENT-$HOME-$THREADPROOF_RUN", { env });
  expect(lines).toEqual(["here---"]);
});

test("a command past its deadline is killed with its process group", async () => {
  const line = "sleep 600 & echo $! > pid; echo waiting; wait";
  const { text } = await shell(line, { withinMs: 1_000 });
  expect(text).toBe("did not end within 1000 ms: waiting");
  await expect.poll(() => livingProcess(pidIn("pid"))).toBeNull();
});

test("a process outside the group that still holds the output does not delay the end", async () => {
  const line = "setsid sleep 600 & echo $! > pid; echo done";
  const { failure, lines } = await shell(line);
  expect(failure).toBeNull();
  expect(lines).toEqual(["done"]);
  const pid = pidIn("pid");
  expect(livingProcess(pid)).not.toBeNull();
  process.kill(pid, "SIGKILL");
});

test("only the end of a long output is kept, and no file remains", async () => {
  const { lines } = await shell("head -c 100000 /dev/zero | tr '\\0' 'x'; echo; echo end");
  expect(lines.at(-1)).toBe("end");
  expect(lines.join("").length).toBeLessThan(1_000);
  expect(readdirSync(folder)).toEqual([]);
});

test('`keeps: "stderr"` drops standard output', async () => {
  const { lines } = await shell("echo out; echo err >&2", { keeps: "stderr" });
  expect(lines).toEqual(["err"]);
});

test("onStart gets the pid of the running command", async () => {
  let pid: number | undefined;
  const { lines } = await shell("echo $$", { onStart: (started) => (pid = started) });
  expect(lines).toEqual([String(pid)]);
});
