// `threadproof doctor` as a separate process, on this machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Check } from "../harness/doctor/check.ts";

const main = fileURLToPath(new URL("../harness/cli/main.ts", import.meta.url));

async function doctor(environment: Readonly<Record<string, string>>, ...args: string[]) {
  const child = spawn(process.execPath, [main, "doctor", ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, err, code };
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "doctor-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test("0: without Docker the process backend can run, and the output says how to fix Docker", async () => {
  const address = `unix://${join(folder(), "docker.sock")}`;
  const { out, err, code } = await doctor({ DOCKER_HOST: address });
  expect([code, err]).toEqual([0, ""]);
  const says = `no Docker engine answers at ${address} (ENOENT): start it, or set DOCKER_HOST`;
  expect(out.split("\n")).toContain(`! docker            ${says}`);
  expect(out).toMatch(/^✔ node {14}Node 2\d\./);
  expect(out).toMatch(/^✔ postgres {10}Postgres 17\./m);
  expect(out).toMatch(
    /\n\n {2}process {11}threadproof run --backend process\n {2}docker {12}cannot run\n$/,
  );
});

test("1: without a temporary folder nothing can run, but the other checks still run", async () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  const { out, code } = await doctor({ TMPDIR: file, DOCKER_HOST: "ssh://elsewhere" }, "--json");
  expect(code).toBe(1);
  const { backends, checks } = JSON.parse(out) as { backends: object; checks: Check[] };
  expect(backends).toEqual({ process: false, docker: false });
  expect(checks.filter((it) => !it.ok).map((it) => it.says)).toEqual([
    `cannot create a folder below ${file}: set TMPDIR to a writable folder with free space`,
    expect.stringMatching(/^DOCKER_HOST is "ssh:\/\/elsewhere", an invalid address/),
  ]);
  expect(checks.find((it) => it.name === "postgres")?.ok).toBe(true);
});

test("1: with --backend docker a missing Docker is a failure", async () => {
  const { out, code } = await doctor({ DOCKER_HOST: "ssh://elsewhere" }, "--backend", "docker");
  expect(code).toBe(1);
  expect(out).toMatch(/^✘ docker {12}DOCKER_HOST is/m);
});

test("the doctor leaves nothing behind", async () => {
  const temporary = folder();
  expect((await doctor({ TMPDIR: temporary, DOCKER_HOST: "ssh://elsewhere" })).code).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);
});

test("the help has examples", async () => {
  const { out, code } = await doctor({}, "--help");
  expect(code).toBe(0);
  expect(out).toMatch(/Examples:\n {2}threadproof doctor/);
});
