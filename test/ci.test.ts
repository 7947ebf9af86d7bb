/** Tests .ci/run with a fake npm, and reads the workflow as text. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

const root = join(import.meta.dirname, "..");

interface Machine {
  /** The lines that vitest appends to the results in this step. */
  readonly test?: readonly string[];
  readonly "test:docker"?: readonly string[];
  /** The npm script that fails. */
  readonly fails?: string;
  /** Whether Docker runs from the beginning. */
  readonly docker?: boolean;
  /** Scripts of the folder that starts Docker. */
  readonly offline?: { readonly engine: string; readonly build: string };
  readonly root?: boolean;
}

const well: Machine = {
  test: ["passed a.test.ts: one", "passed a.test.ts: two"],
  "test:docker": ["passed test/scenarios/a.docker.test.ts: three"],
  docker: true,
  root: true,
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ci-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs .ci/run in a folder made for it: its output, its exit code, and the calls of npm. */
function run(machine: Machine) {
  const folder = temporaryFolder();
  const script = (path: string, text: string): void => {
    writeFileSync(join(folder, path), `#!/usr/bin/env bash\n${text}\n`);
    chmodSync(join(folder, path), 0o755);
  };
  for (const name of [".ci", "bin", "offline"]) mkdirSync(join(folder, name));
  copyFileSync(join(root, ".ci", "run"), join(folder, ".ci", "run"));
  for (const name of ["test", "test:docker"] as const) {
    writeFileSync(join(folder, name), (machine[name] ?? []).map((it) => `${it}\n`).join(""));
  }
  if (machine.docker === true) writeFileSync(join(folder, "docker"), "");
  script(
    "bin/npm",
    `echo "$*" >> calls
case "$*" in
  *"--backend docker") [[ -e docker ]] || exit 1 ;;
  "run test"*) cat "$2" >> "$THREADPROOF_TEST_RESULTS" ;;
esac
[[ "$*" != "run ${machine.fails}" ]]`,
  );
  script("bin/id", `echo ${machine.root === true ? 0 : 1000}`);
  if (machine.offline !== undefined) {
    script("offline/engine.sh", machine.offline.engine);
    script("offline/build.sh", machine.offline.build);
  }
  const environment = {
    PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter),
    THREADPROOF_OFFLINE_IMAGES: "offline",
    TMPDIR: tmpdir(),
  };
  const options = { env: environment, encoding: "utf8" } as const;
  const { status, stdout } = spawnSync(join(folder, ".ci", "run"), options);
  const calls = readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
  return { code: status, lines: stdout.trimEnd().split("\n"), calls };
}

describe(".ci/run", () => {
  const steps = ["run doctor", "run test", "run test:docker"];

  test("runs every step and counts the tests of all steps", () => {
    const { code, lines, calls } = run(well);
    expect([code, lines]).toEqual([0, ["3 passed, 0 failed"]]);
    expect(calls).toEqual(["ci", ...steps]);
  });

  test.each(["doctor", "test", "test:docker"])(
    "runs the other steps and fails if %s fails",
    (fails) => {
      const { code, lines, calls } = run({ ...well, fails });
      expect([code, lines]).toEqual([1, [`failed npm run ${fails}`, "3 passed, 0 failed"]]);
      expect(calls.slice(-3)).toEqual(steps);
    },
  );

  test("lists failed tests even if vitest exits with 0", () => {
    const failed = "failed a.test.ts: two · 1 is not 2";
    const { code, lines } = run({ ...well, test: ["passed a.test.ts: one", failed] });
    expect([code, lines]).toEqual([1, [failed, "2 passed, 1 failed"]]);
  });

  test("fails if no test ran", () => {
    const { code, lines } = run({ test: [], docker: true });
    expect([code, lines]).toEqual([1, ["0 passed, 0 failed"]]);
  });

  const skipped = ["skipped test/scenarios/a.docker.test.ts: three · no Docker"];
  const without: Machine = { ...well, docker: false, "test:docker": skipped };

  test.each([true, false])(
    "lists the tests that it could not run, with reasons (root: %s)",
    (isRoot) => {
      const { code, lines } = run({ ...without, root: isRoot });
      expect([code, lines]).toEqual([0, [...skipped, "2 passed, 0 failed"]]);
    },
  );

  test("starts a Docker engine if the folder with its scripts exists", () => {
    const offline = { engine: "echo starting", build: "touch docker" };
    const { code, calls, lines } = run({ ...well, docker: false, offline });
    expect([code, lines.at(-1)]).toEqual([0, "3 passed, 0 failed"]);
    expect(lines.join("\n")).not.toContain("starting");
    expect(calls).toEqual(["ci", "run --silent doctor -- --backend docker", ...steps]);
  });

  test("starts no engine if one already runs, or if it is not root", () => {
    const fails = { engine: "exit 3", build: "" };
    expect(run({ ...well, offline: fails }).lines).toEqual(["3 passed, 0 failed"]);
    const user = run({ ...without, root: false, offline: fails });
    expect(user.lines).toEqual([...skipped, "2 passed, 0 failed"]);
  });

  const missed = "failed no scenario passed on containers, although offline is there";

  test("fails if an engine can be started but no scenario passes on containers", () => {
    const offline = { engine: "", build: "" };
    const others = ["passed harness/a.docker.test.ts: four", ...skipped];
    const { code, lines } = run({ ...without, offline, "test:docker": others });
    expect([code, lines.slice(-3)]).toEqual([1, [...skipped, missed, "3 passed, 0 failed"]]);
  });

  test.each([
    ["engine.sh", { engine: "echo why; exit 3", build: "" }],
    ["build.sh", { engine: "", build: "echo why; exit 3" }],
  ])("shows why %s failed", (script, offline) => {
    const { code, lines } = run({ ...without, offline });
    const failed = [`failed offline/${script}`, missed];
    expect([code, lines.slice(-4)]).toEqual([1, [...skipped, ...failed, "2 passed, 0 failed"]]);
    expect(lines).toContain("why");
  });
});

test("vitest writes a line per test, with its error or the reason for skipping it", () => {
  const folder = temporaryFolder();
  const modules = join(root, "node_modules");
  const support = JSON.stringify(join(root, "test/support/results.ts"));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write(
    "vitest.config.ts",
    `import { linesInto } from ${support};
    export default { test: { globals: true, reporters: [linesInto("results")] } };`,
  );
  write(
    "a.test.js",
    `describe("a", () => {
      test("adds", () => {});
      test("fails", () => { throw new Error("1 is not\\n2"); });
      test("waits", ({ skip }) => skip("no Docker"));
    });`,
  );
  write("b.test.js", "throw new Error('it cannot be loaded');");
  const vitest = join(modules, "vitest", "vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run"], { cwd: folder });
  expect(status).toBe(1);
  const lines = readFileSync(join(folder, "results"), "utf8").trimEnd().split("\n");
  expect(lines.toSorted()).toEqual([
    "failed a.test.js: a > fails · 1 is not 2",
    "failed b.test.js: it cannot be loaded",
    "passed a.test.js: a > adds",
    "skipped a.test.js: a > waits · no Docker",
  ]);
});

describe("the workflow", () => {
  const workflow = readFileSync(join(root, ".github/workflows/ci.yml"), "utf8");
  const local = readFileSync(join(root, ".ci/run"), "utf8");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const commands = [...workflow.matchAll(/^ *- run: (.+)$/gm)].map(([, it = ""]) => it);
  const names = commands.map((it) => /^npm (?:run )?([\w:]+)/.exec(it)?.[1] ?? it);

  const steps = [...local.matchAll(/^step (\S+)$/gm)].map(([, it = ""]) => it);

  test.each(steps)("contains the step %s of .ci/run", (name) => {
    expect(steps.length).toBeGreaterThan(2);
    expect(names).toContain(name);
  });

  test.each([...new Set(names)])("its step %s is an npm script", (name) => {
    expect(name === "ci" || name in scripts).toBe(true);
  });

  test("its actions are pinned to commits, and its token is read-only", () => {
    const uses = [...workflow.matchAll(/uses: (.+)$/gm)].map(([, it]) => it);
    const actions = uses.filter((it) => it !== "./.github/actions/threadproof");
    expect(uses.length).toBe(actions.length + 1);
    expect(actions.length).toBeGreaterThan(5);
    for (const it of actions) expect(it).toMatch(/^actions\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
    expect(workflow).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  });
});
