/** What CI is: .ci/run with an npm that does nothing, and the workflow as a text. */
import { execFile } from "node:child_process";
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
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";

const root = join(import.meta.dirname, "..");

type Status = "passed" | "failed" | "skipped";

interface Machine {
  /** What a run of vitest writes: file → statuses of its tests. */
  readonly test?: Readonly<Record<string, readonly Status[]>>;
  readonly "test:docker"?: Readonly<Record<string, readonly Status[]>>;
  /** The npm script that fails. */
  readonly fails?: string;
  /** Docker is there from the beginning. */
  readonly docker?: boolean;
  /** A folder that brings Docker: scripts as text. */
  readonly offline?: { readonly engine: string; readonly build: string };
  readonly root?: boolean;
}

const well: Machine = {
  test: { "a.test.ts": ["passed", "passed"], "scenarios.test.ts": ["passed"] },
  "test:docker": { "scenarios/a.docker.test.ts": ["passed"] },
  docker: true,
  root: true,
};

/** Runs .ci/run in a folder of its own. Answers what it printed, its exit code, and npm's calls. */
async function run(machine: Machine) {
  const folder = mkdtempSync(join(tmpdir(), "ci-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = (path: string, text: string): void => {
    writeFileSync(join(folder, path), `#!/usr/bin/env bash\n${text}\n`);
    chmodSync(join(folder, path), 0o755);
  };
  for (const name of [".ci", "bin", "offline"]) mkdirSync(join(folder, name));
  copyFileSync(join(root, ".ci", "run"), join(folder, ".ci", "run"));
  for (const name of ["test", "test:docker"] as const) {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(written(machine[name] ?? {})));
  }
  if (machine.docker === true) writeFileSync(join(folder, "docker"), "");
  script(
    "bin/npm",
    `echo "$*" >> calls
case "$*" in
  *"--backend docker") [[ -e docker ]] || exit 1 ;;
  "run test"*) cp "$2.json" "$THREADPROOF_TEST_RESULTS/$2.json" ;;
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
    THREADPROOF_OFFLINE_IMAGES: join(folder, "offline"),
    TMPDIR: tmpdir(),
  };
  const end = await promisify(execFile)(join(folder, ".ci", "run"), { env: environment }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
  const lines = end.stdout.trimEnd().split("\n");
  const calls = readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
  return { code: end.code, lines, last: lines.at(-1), calls };
}

/** As vitest writes it. */
function written(files: Readonly<Record<string, readonly Status[]>>) {
  const testResults = Object.entries(files).map(([name, statuses]) => ({
    name: `/somewhere/${name}`,
    status: statuses.length === 0 || statuses.includes("failed") ? "failed" : "passed",
    message: statuses.length === 0 ? "it could not be loaded" : "",
    assertionResults: statuses.map((status) => ({
      status,
      fullName: `it ${status}`,
      failureMessages: status === "failed" ? ["1 is not 2"] : [],
    })),
  }));
  return { testResults };
}

describe(".ci/run", () => {
  const steps = ["run doctor", "run test", "run scenarios", "run test:docker"];

  test("everything is run, and counted over all runs", async () => {
    const { code, lines, calls } = await run(well);
    expect([code, lines]).toEqual([0, ["4 passed, 0 failed"]]);
    expect(calls).toEqual(["ci", ...steps]);
  });

  test.each(["doctor", "test", "scenarios", "test:docker"])(
    "a step that fails fails it, and the others are run all the same: %s",
    async (fails) => {
      const { code, lines, calls } = await run({ ...well, fails });
      expect([code, lines]).toEqual([1, [`failed: npm run ${fails}`, "4 passed, 0 failed"]]);
      expect(calls.slice(-4)).toEqual(steps);
    },
  );

  test("a test that failed and a file that could not be loaded are failures", async () => {
    const results = { "a.test.ts": ["passed", "failed"], "b.test.ts": [] } as const;
    const { code, lines } = await run({ ...well, test: results });
    const told = [
      "failed: /somewhere/a.test.ts: it failed",
      "1 is not 2",
      "failed: /somewhere/b.test.ts",
      "it could not be loaded",
    ];
    expect([code, lines]).toEqual([1, [...told, "2 passed, 2 failed"]]);
  });

  test("no tests at all are no success", async () => {
    const { code, last } = await run({ ...well, test: {}, "test:docker": {} });
    expect([code, last]).toEqual([1, "0 passed, 0 failed"]);
  });

  const skipped = { "scenarios/a.docker.test.ts": ["skipped", "skipped"] } as const;

  test.each([true, false])("without Docker its tests may be skipped (root: %s)", async (isRoot) => {
    const machine = { ...well, docker: false, root: isRoot, "test:docker": skipped };
    const { code, lines } = await run(machine);
    expect([code, lines]).toEqual([0, ["3 passed, 0 failed, 2 skipped"]]);
  });

  test("where Docker can be had it is made ready first", async () => {
    const offline = { engine: "echo starting", build: "touch docker" };
    const { code, calls, lines } = await run({ ...well, docker: false, offline });
    expect([code, lines.at(-1)]).toEqual([0, "4 passed, 0 failed"]);
    expect(lines.join("\n")).not.toContain("starting");
    expect(calls).toEqual(["ci", "run --silent doctor -- --backend docker", ...steps]);
  });

  test("where Docker can be had other tests on containers are not enough", async () => {
    const offline = { engine: "", build: "" };
    const results = { "harness/a.docker.test.ts": ["passed"], ...skipped } as const;
    const { code, last } = await run({ ...well, offline, "test:docker": results });
    expect([code, last]).toEqual([1, "4 passed, 0 failed, 2 skipped"]);
  });

  test("where Docker is ready nothing is installed", async () => {
    const offline = { engine: "touch /no/where", build: "touch /no/where" };
    const { lines } = await run({ ...well, offline });
    expect(lines).toEqual(["4 passed, 0 failed"]);
  });

  test("only root installs an engine", async () => {
    const offline = { engine: "touch docker", build: "exit 0" };
    const machine = { ...well, docker: false, root: false, offline, "test:docker": skipped };
    const { code, lines } = await run(machine);
    expect([code, lines]).toEqual([0, ["3 passed, 0 failed, 2 skipped"]]);
  });

  test.each<[string, { engine: string; build: string }, RegExp]>([
    [
      "the engine does not start",
      { engine: "echo why; exit 3", build: "" },
      /^why\n.*engine\.sh /m,
    ],
    ["an image cannot be built", { engine: "", build: "echo why; exit 3" }, /^why\n.*build\.sh /m],
    ["they are skipped all the same", { engine: "", build: "" }, /^/],
  ])("where Docker can be had its tests have to run: %s", async (_, offline, told) => {
    const machine = { ...well, docker: false, offline, "test:docker": skipped };
    const { code, lines, last } = await run(machine);
    expect([code, last]).toEqual([1, "3 passed, 0 failed, 2 skipped"]);
    expect(lines.at(-2)).toMatch(/^failed: no scenarios have passed on containers/);
    expect(lines.join("\n")).toMatch(told);
  });
});

describe("the workflow", () => {
  const workflow = readFileSync(join(root, ".github/workflows/ci.yml"), "utf8");
  const local = readFileSync(join(root, ".ci/run"), "utf8");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const commands = [...workflow.matchAll(/^ *- run: (.+)$/gm)].map(([, it = ""]) => it);
  const names = commands.map((it) => /^npm (?:run )?([\w:]+)/.exec(it)?.[1] ?? it);

  test.each([...new Set(names)])("each of its steps is one of npm that .ci/run has: %s", (name) => {
    expect(commands.length).toBeGreaterThan(6);
    expect(name === "ci" || name in scripts).toBe(true);
    expect(local).toMatch(new RegExp(name === "ci" ? "^npm ci$" : `^step ${name}$`, "m"));
  });

  test("its actions are pinned to commits, and it may only read", () => {
    const uses = [...workflow.matchAll(/uses: (.+)$/gm)].map(([, it]) => it);
    const actions = uses.filter((it) => it !== "./.github/actions/threadproof");
    expect(uses.length).toBe(actions.length + 1);
    expect(actions.length).toBeGreaterThan(5);
    for (const it of actions) expect(it).toMatch(/^actions\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
    expect(workflow).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  });
});
