import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Builds, type BuildsOptions } from "./builds.ts";
import { commandOf, parseConfiguration } from "../config/configuration.ts";
import { livingProcess } from "../machine/watchdog/process-table.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "builds "));
});

afterEach(() => rmSync(folder, { recursive: true }));

function targetWith(build: string) {
  const say = { post: "/say", reply: "$.reply" };
  const service = { kind: "command", start: "node it.js", ready: { get: "/" }, say, build };
  const { mine } = parseConfiguration({ targets: { mine: service } }, "test.ts").targets;
  if (mine === undefined) throw new Error("the target is gone");
  return commandOf(mine);
}

function builds(given: Partial<BuildsOptions> = {}) {
  const watchdog = { environment: { THREADPROOF_RUN: "x" }, adopt: () => {} };
  return new Builds({ folder, scratch: folder, watchdog, ...given });
}

test("a build runs once, in the folder of its target, for all callers", async () => {
  const built: string[] = [];
  const all = builds({ onBuild: (command) => built.push(command) });
  const build = "echo $THREADPROOF_RUN >> built && node -e 0";
  await Promise.all([all.of(targetWith(build)), all.of(targetWith(build))]);
  await all.of(targetWith(build));
  expect(readFileSync(join(folder, "built"), "utf8")).toBe("x\n");
  expect(built).toEqual([build]);
});

test("a failed build rejects every caller with its last output", async () => {
  const all = builds();
  const build = "echo compiling; echo 'it.ts(1,2): error TS1: no' >&2; exit 3";
  for (const _ of ["one", "other"]) {
    await expect(all.of(targetWith(build))).rejects.toThrow(
      `the build "${build}" in ${folder} ended with 3: compiling · it.ts(1,2): error TS1: no`,
    );
  }
});

test("a build past its deadline is killed with the processes it started", async () => {
  const all = builds({ withinMs: 2_000 });
  const build = "sleep 600 & echo $! > pid; echo waiting; wait";
  await expect(all.of(targetWith(build))).rejects.toThrow("did not end within 2000 ms: waiting");
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  await expect.poll(() => livingProcess(pid)).toBeNull();
});
