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
  postgres: { ok: true, version: "17.10", account: "nobody" },
  port: { ok: true, port: 12_345 },
  temporary: { ok: true, folder: "/tmp", freeBytes: 76.4 * gigabyte },
  memory: { folder: "/dev/shm", freeBytes: 1.5 * gigabyte },
  docker,
};

const of = (change: Partial<Machine>): Check[] => checksOf({ ...machine, ...change });
const flawsOf = (change: Partial<Machine>): string[] =>
  of(change).flatMap(({ name, ok, says }) => (ok ? [] : [`${name}: ${says}`]));

test("a machine that has everything is told in one line each", () => {
  expect(checksOf(machine).map(({ ok, name, says }) => [ok, name, says])).toEqual([
    [true, "node", "Node 24.21.0"],
    [
      true,
      "postgres",
      "Postgres 17.10 from npm runs here, as nobody, because it does not run as root",
    ],
    [true, "ports", "127.0.0.1:12345 is free, for one"],
    [true, "temporary folder", "76 GB free in /tmp"],
    [true, "memory", "1.5 GB free in /dev/shm, for databases"],
    [true, "cores", "2 cores"],
    [true, "git", "git 2.39.5"],
    [true, "clocks", "are set by /usr/lib/faketime/libfaketimeMT.so.1"],
    [true, "docker", "engine 28.1.0 at unix:///var/run/docker.sock (2 cores, 16 GB)"],
    [true, "images", "haproxy:1, postgres:1 are here"],
    [true, "reaper", "ryuk:1 is here"],
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
    ["node: Node 22.18.0: threadproof needs 24, which npm ci brings: npx threadproof uses it"],
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
    "a temporary folder without room",
    { temporary: small },
    { process: false, docker: false },
    ["temporary folder: 100 MB free in /tmp: make it 512 MB, or set TMPDIR to a folder with room"],
  ],
  [
    "no Docker",
    { docker: { ok: false, why } },
    { process: true, docker: false },
    [`docker: ${why}`],
  ],
  [
    "an image that cannot be had",
    { docker: { ...docker, images: [...docker.images, { name: "node:1", place: "nowhere" }] } },
    { process: true, docker: false },
    [
      "images: haproxy:1, postgres:1 are here; node:1 can neither be found nor pulled: " +
        "let the engine reach the registry, or docker load them",
    ],
  ],
  [
    "little memory, one core, no git: slower, and poorer",
    { memory: { folder: "/dev/shm", freeBytes: 64 * 1024 ** 2 }, cores: 1, git: null },
    { process: true, docker: true },
    [
      "memory: 64 MB free in /dev/shm: databases are on disk, and slower; " +
        "give it 1.0 GB (a container: --shm-size)",
      "cores: 1 core: two make a run shorter",
      "git: no git: install it, or reports name no commit",
    ],
  ],
  [
    "no reaper",
    { docker: { ...docker, reaper: { name: "ryuk:1", place: "nowhere", disabled: false } } },
    { process: true, docker: true },
    [
      "reaper: ryuk:1 can neither be found nor pulled: docker load it, " +
        "or only the watchdog tidies up after a kill",
    ],
  ],
  [
    "a reaper that is disabled",
    { docker: { ...docker, reaper: { name: "ryuk:1", place: "here", disabled: true } } },
    { process: true, docker: true },
    [
      "reaper: TESTCONTAINERS_RYUK_DISABLED is true: " +
        "unset it, or only the watchdog tidies up after a kill",
    ],
  ],
])("%s", (_, change, runs, flaws) => {
  test("is told with what to do about it", () => expect(flawsOf(change)).toEqual(flaws));
  test("says which backend can run", () => expect(runnable(of(change))).toEqual(runs));
});

test("images that can be pulled are as good as here, and told apart", () => {
  const images = [
    { name: "haproxy:1", place: "here" },
    { name: "node:1", place: "registry" },
  ] as const;
  const checks = of({ docker: { ...docker, images } });
  const says = "haproxy:1 is here; node:1 can be pulled";
  expect(checks.find((it) => it.name === "images")).toMatchObject({ ok: true, says });
});

test("a system without a memory file system lacks nothing", () => {
  const check = of({ memory: null }).find((it) => it.name === "memory");
  const says = "no memory file system: databases are on disk, and slower";
  expect(check).toEqual({ name: "memory", ok: true, needed: [], says });
});
