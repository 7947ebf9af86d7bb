import { describe, expect, test } from "vitest";
import { type Check, runnable } from "./check.ts";
import { checksOf } from "./machine-checks.ts";
import type { Docker, Machine } from "./machine-facts.ts";

const gigabyte = 1024 ** 3;

const docker: Docker = {
  ok: true,
  address: "unix:///var/run/docker.sock",
  version: "28.1.0",
  cores: 2,
  memoryBytes: 16 * gigabyte,
  images: [
    { name: "haproxy:1", place: "here" },
    { name: "postgres:1", place: "here" },
  ],
  reaper: { name: "ryuk:1", place: "here", disabled: false },
};

const machine: Machine = {
  node: "24.21.0",
  cores: 2,
  git: "2.39.5",
  libfaketime: "/usr/lib/faketime/libfaketimeMT.so.1",
  postgres: { ok: true, version: "17.10", account: "daemon" },
  port: { ok: true, port: 12_345 },
  temporary: { ok: true, folder: "/tmp", freeBytes: 76.4 * gigabyte },
  memory: { folder: "/dev/shm", freeBytes: 1.5 * gigabyte },
  docker,
};

const of = (change: Partial<Machine>): Check[] => checksOf({ ...machine, ...change });
const flawsOf = (change: Partial<Machine>): string[] =>
  of(change).flatMap(({ name, ok, says }) => (ok ? [] : [`${name}: ${says}`]));

test("a complete machine passes every check, with one line each", () => {
  expect(checksOf(machine).map(({ ok, name, says }) => [ok, name, says])).toEqual([
    [true, "node", "Node 24.21.0"],
    [
      true,
      "postgres",
      "Postgres 17.10 from npm runs here, as user daemon, because Postgres refuses to run as root",
    ],
    [true, "ports", "a port is free: 127.0.0.1:12345"],
    [true, "temporary folder", "76 GB free in /tmp"],
    [true, "memory", "1.5 GB free in /dev/shm, for databases"],
    [true, "cores", "2 cores"],
    [true, "git", "git 2.39.5"],
    [true, "clocks", "/usr/lib/faketime/libfaketimeMT.so.1 sets the clock of replicas"],
    [true, "docker", "engine 28.1.0 at unix:///var/run/docker.sock (2 cores, 16 GB)"],
    [true, "images", "available: haproxy:1, postgres:1"],
    [true, "reaper", "available: ryuk:1"],
  ]);
  expect(runnable(checksOf(machine))).toEqual({ process: true, docker: true });
});

const small = { ok: true, folder: "/tmp", freeBytes: 100 * 1024 ** 2 } as const;
const why = "a sentence: what to do";

describe.each<[string, Partial<Machine>, { process: boolean; docker: boolean }, string[]]>([
  [
    "an old Node",
    { node: "22.18.0" },
    { process: false, docker: false },
    ["node: Node 22.18.0: threadproof needs 24. npm ci installs it, and npx threadproof uses it"],
  ],
  [
    "no Postgres for this platform",
    { postgres: { ok: false, why } },
    { process: false, docker: true },
    [`postgres: ${why}`],
  ],
  ["no port", { port: { ok: false, why } }, { process: false, docker: false }, [`ports: ${why}`]],
  [
    "no temporary folder",
    { temporary: { ok: false, why } },
    { process: false, docker: false },
    [`temporary folder: ${why}`],
  ],
  [
    "a temporary folder without space",
    { temporary: small },
    { process: false, docker: false },
    [
      "temporary folder: 100 MB free in /tmp: needs 512 MB. " +
        "Free some space, or set TMPDIR to another folder",
    ],
  ],
  [
    "no Docker",
    { docker: { ok: false, why } },
    { process: true, docker: false },
    [`docker: ${why}`],
  ],
  [
    "an image that is not available",
    { docker: { ...docker, images: [...docker.images, { name: "node:1", place: "nowhere" }] } },
    { process: true, docker: false },
    [
      "images: available: haproxy:1, postgres:1; neither available nor pullable: node:1 " +
        "(give the engine access to the registry, or use docker load)",
    ],
  ],
  [
    "little memory, one core and no git",
    { memory: { folder: "/dev/shm", freeBytes: 64 * 1024 ** 2 }, cores: 1, git: null },
    { process: true, docker: true },
    [
      "memory: 64 MB free in /dev/shm: databases use the disk (slower). " +
        "Increase it to 1.0 GB (in a container: --shm-size)",
      "cores: 1 core: runs are faster with two",
      "git: git not found: install it, so that reports name the commit",
    ],
  ],
  [
    "no reaper",
    { docker: { ...docker, reaper: { name: "ryuk:1", place: "nowhere", disabled: false } } },
    { process: true, docker: true },
    [
      "reaper: neither available nor pullable: ryuk:1. Use docker load. " +
        "Now only the watchdog cleans up after a kill",
    ],
  ],
  [
    "a disabled reaper",
    { docker: { ...docker, reaper: { name: "ryuk:1", place: "here", disabled: true } } },
    { process: true, docker: true },
    [
      "reaper: TESTCONTAINERS_RYUK_DISABLED is true: " +
        "unset it. Now only the watchdog cleans up after a kill",
    ],
  ],
])("%s", (_, change, runs, flaws) => {
  test("fails its check with a remedy", () => expect(flawsOf(change)).toEqual(flaws));
  test("determines which backends can run", () => expect(runnable(of(change))).toEqual(runs));
});

test("an image that can be pulled passes, and is listed separately", () => {
  const images = [
    { name: "haproxy:1", place: "here" },
    { name: "node:1", place: "registry" },
  ] as const;
  const checks = of({ docker: { ...docker, images } });
  const says = "available: haproxy:1; can be pulled: node:1";
  expect(checks.find((it) => it.name === "images")).toMatchObject({ ok: true, says });
});

test("a system without a memory file system passes the check", () => {
  const check = of({ memory: null }).find((it) => it.name === "memory");
  const says = "no memory file system: databases use the disk (slower)";
  expect(check).toEqual({ name: "memory", ok: true, needed: [], says });
});
