import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { carriersOf, lives, livingProcess, signalExactly } from "./process-table.ts";

test("finds a process by a variable's whole value, or by the variable's name", async () => {
  const env = { ...process.env, THREADPROOF_TEST: `t${process.pid}` };
  const child = spawn("sleep", ["1000"], { env });
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  expect([...carriersOf("THREADPROOF_TEST", `t${process.pid}`)]).toEqual([pid]);
  expect(carriersOf("THREADPROOF_TEST", null).has(pid)).toBe(true);
  expect([...carriersOf("THREADPROOF_TEST", `t${process.pid}`.slice(0, -1))]).toEqual([]);
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("parses a process name with spaces and parentheses", async () => {
  const script =
    "process.title = 'a) S 1 (b'; process.stdout.write('named'); setInterval(() => {}, 1e3)";
  const child = spawn(process.execPath, ["-e", script]);
  await once(child.stdout, "data");
  expect(livingProcess(child.pid ?? 0)).toMatchObject({ parent: process.pid });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(livingProcess(child.pid ?? 0)).toBeNull();
});

test("sends no signal to a process that reuses the pid of another", async () => {
  const child = spawn("sleep", ["1000"]);
  await once(child, "spawn");
  const one = livingProcess(child.pid ?? 0);
  if (one === null) throw new Error("the child did not start");
  expect(signalExactly({ ...one, started: "an earlier time" }, "SIGKILL")).toBe(false);
  expect(lives(one)).toBe(true);
  expect(signalExactly(one, "SIGKILL")).toBe(true);
  await once(child, "exit");
  expect(lives(one)).toBe(false);
});
