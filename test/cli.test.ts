// The command line as a separate process. A full run costs 1 to 2 s, so these tests do few.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunReport } from "../harness/report/result.ts";
import { carriersOf, livingProcess } from "../harness/machine/watchdog/process-table.ts";

const main = fileURLToPath(new URL("../harness/cli/main.ts", import.meta.url));
const service = fileURLToPath(new URL("../examples/bare/service.ts", import.meta.url));

let folder = "";
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cli-"));
  configure(sound);
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/**
 * The bare example service: with its table, with undeclared storage in memory, and never ready.
 */
const requests = {
  ready: { get: "/health", withinMs: 20_000 },
  say: {
    post: "/conversations/${thread}/messages",
    headers: { "x-user": "u" },
    json: { text: "${message}" },
    reply: "$.answer",
  },
};
const env = { PORT: "${port}", MODEL_URL: "${model}", DATABASE_URL: "${database}" };
const bare = { kind: "command", start: `node ${service}`, env, ...requests };
const sound = {
  targets: {
    bare: { ...bare, variants: { forgets: { about: "in memory", env: { STORE: "memory" } } } },
    late: {
      ...bare,
      env: { ...env, STORE: "memory" },
      migrate: "node -e 0",
      ready: { get: "/never", withinMs: 300 },
    },
  },
};

function configure(value: object): void {
  writeFileSync(
    join(folder, "threadproof.config.js"),
    `export default ${JSON.stringify(value)};\n`,
  );
}

function start(...args: string[]): ChildProcess {
  const { GITHUB_STEP_SUMMARY: _, ...environment } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  return child;
}

async function endOf(child: ChildProcess) {
  if (child.stdout === null || child.stderr === null) throw new Error("no pipes");
  const ended = once(child, "close") as Promise<[number | null]>;
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, err, code };
}

const cli = (...args: string[]) => endOf(start(...args));

/** The one sentence that the command printed as its error, without a stack. */
function sentenceOf({ out, err }: { out: string; err: string }): string {
  expect(out).toBe("");
  const lines = err.trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  return lines[0] ?? "";
}

describe("usage", { timeout: 120_000 }, () => {
  test.each([
    [
      ["run", "restrat"],
      /^threadproof: no scenario "restrat" \(did you mean "restart"\?\); there are round-robin, /,
    ],
    [["run", "--target", "mine"], /^threadproof: no target "mine"; there are bare, late$/],
    [["run", "--variant", "x"], /^threadproof: no variant "x"; there are plain, forgets$/],
    [
      ["run", "--variant", "forgets"],
      /^threadproof: forgets: not expected to break any scenario; to run it anyway, /,
    ],
    [["run", "--baseline", "b.json"], /^threadproof: there is no baseline b\.json; write one /],
    [["run", "--write-baseline"], /^threadproof: --write-baseline needs --baseline <file>/],
    [["run", "--config", "c.js"], /^threadproof: there is no c\.js in /],
    [["sweep", "--target", "mine"], /^threadproof: no target "mine"; targets: bare, late$/],
    [["sweep", "--variant", "x"], /^threadproof: no variant "x"; variants: plain, forgets$/],
    [
      ["sweep", "--turn", "search+x"],
      /^threadproof: --turn search\+x: no tool "search"; allowed: /,
    ],
    [["report", "nowhere"], /^threadproof: no folder nowhere; a run writes reports\/latest/],
    [["report", "."], /^threadproof: no result\.json in \.; the reporter json writes it$/],
  ])("one sentence explains a wrong name: %j", async (args, sentence) => {
    const end = await cli(...args);
    expect(end.code).toBe(64);
    expect(sentenceOf(end)).toMatch(sentence);
  });

  test.each([
    [["run", "--fast"], "error: unknown option '--fast'"],
    [["sweep", "--sample", "0"], "argument '0' is invalid. it must be a whole number, at least 1."],
    [["run", "--runs", "0"], "argument '0' is invalid. it must be a whole number, at least 1."],
    [
      ["run", "--reporter", "junit,x"],
      "argument 'junit,x' is invalid. no reporter \"x\"; reporters: terminal,",
    ],
    [["run", "--seed", "x"], "argument 'x' is invalid. it must be a whole number, at least 0."],
    [["list", "all"], "error: too many arguments"],
    [["walk"], "error: unknown command 'walk'"],
  ])("the error about a wrong flag or value points to the help: %j", async (args, sentence) => {
    const { code, err, out } = await cli(...args);
    expect([code, out]).toEqual([64, ""]);
    expect(err).toContain(sentence);
    expect(err).toContain("(add --help");
  });

  test("the sweep of a service without our database fails with a remedy", async () => {
    configure({ targets: { bare: { ...bare, env: { PORT: "${port}", STORE: "memory" } } } });
    const end = await cli("sweep", "--turn", "plain");
    expect(end.code).toBe(64);
    expect(sentenceOf(end)).toMatch(
      /^threadproof: target "bare" cannot be swept: the target lacks "[a-z-]+": /,
    );
  });

  test.each([["run"], ["list"], ["report"]])("the help of %s has examples", async (name) => {
    const { code, out } = await cli(name, "--help");
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:\n {2}threadproof /);
  });

  test("an error in a configuration names the file, the field and the allowed values", async () => {
    configure({ targets: { bare: { ...bare, retry: "twice" } } });
    const end = await cli("list");
    expect(end.code).toBe(64);
    expect(sentenceOf(end)).toContain(
      'threadproof.config.js: targets.bare.retry: found "twice"; expected',
    );
  });

  test("the error about a configuration with a syntax error names the file", async () => {
    writeFileSync(join(folder, "threadproof.config.js"), "export default {");
    const end = await cli("list");
    expect(end.code).toBe(64);
    expect(sentenceOf(end)).toContain("threadproof.config.js");
  });

  test("user scenarios load, even if threadproof is not installed beside them", async () => {
    const own = `import { remembersEverything, scenario } from "threadproof";
      const needs: "kill"[] = ["kill"];
      const run = async (): Promise<void> => {};
      export default scenario({ claim: "it is mine", needs, run, checks: [remembersEverything] });`;
    mkdirSync(join(folder, "my-scenarios"));
    writeFileSync(join(folder, "my-scenarios", "mine.ts"), own);
    configure({ ...sound, scenarios: ["my-scenarios"] });
    const { code, out } = await cli("list", "--json");
    expect(code).toBe(0);
    const { scenarios } = JSON.parse(out) as { scenarios: object[] };
    expect(scenarios.at(-1)).toEqual({ name: "mine", claim: "it is mine", needs: ["kill"] });
  });

  test("list --json prints scenarios with claims and needs, and targets with variants", async () => {
    const { code, out } = await cli("list", "--json");
    expect(code).toBe(0);
    const { scenarios, targets } = JSON.parse(out) as Record<string, { name: string }[]>;
    expect(scenarios?.find((it) => it.name === "restart")).toEqual({
      name: "restart",
      claim: expect.stringContaining("survives"),
      needs: ["kill"],
    });
    const forgets = { name: "forgets", about: "in memory", breaks: [] };
    expect(targets).toEqual([
      { name: "bare", variants: [forgets] },
      { name: "late", variants: [] },
    ]);
  });
});

test("a folder without a configuration gets that of the reference app, and a note", async () => {
  rmSync(join(folder, "threadproof.config.js"));
  const { out, err } = await cli("list");
  expect(err).toBe("There is no configuration here, so this is about the reference app.\n");
  expect(out).toContain("memory-saver");
});

describe("a run", { timeout: 120_000 }, () => {
  const bareRun = ["run", "restart", "--target", "bare", "--jobs", "1"];

  test("0: all results are as expected; with --json standard output is only the report", async () => {
    const { code, out, err } = await cli(...bareRun, "--variant", "plain", "--json", "--seed", "7");
    expect(code).toBe(0);
    const report = JSON.parse(out) as RunReport;
    expect(report.results.map((it) => it.verdict.kind)).toEqual(["holds"]);
    expect(report).toMatchObject({
      seed: 7,
      command: "threadproof run restart --target bare --jobs 1 --variant plain --json --seed 7",
    });
    expect(err).toContain("restart");
    const saved = readFileSync(join(folder, "reports", "latest", "result.json"), "utf8");
    expect(JSON.parse(saved)).toEqual(report);
    // `report` reads the same data and exits with the same code.
    expect((await cli("report")).code).toBe(0);
  });

  test("1: a result is not as expected; --bail stops the run there", async () => {
    const names = ["round-robin", "restart", "--target", "bare", "--variant", "forgets"];
    const { code, out } = await cli("run", ...names, "--jobs", "1", "--bail");
    expect(code).toBe(1);
    expect(out).toContain("split-brain");
    const saved = readFileSync(join(folder, "reports", "latest", "result.json"), "utf8");
    const { results } = JSON.parse(saved) as RunReport;
    expect(results.map((it) => [it.scenario, it.verdict.kind])).toEqual([
      ["round-robin", "violated"],
    ]);
    expect((await cli("report")).code).toBe(1);
  });

  test("2: no result is unexpected, but one is inconclusive", async () => {
    const { code, out } = await cli("run", "restart", "--target", "late");
    expect(code).toBe(2);
    expect(out).toContain("did not become ready");
    expect(out).not.toContain("::");
  });

  test("--reporter selects the formats: annotations on standard output, and files", async () => {
    const chosen = ["--reporter", "github,ctrf", "--reporter", "json"];
    const config = ["--config", "threadproof.config.js"];
    const { code, out } = await cli("run", "restart", "--target", "late", ...chosen, ...config);
    expect(code).toBe(2);
    // The command that reproduces the result names the configuration.
    expect(out).toContain(`--target late --variant plain ${config.join(" ")} --seed `);
    expect(out).toContain("::warning file=threadproof.config.js,");
    expect(out).not.toContain("What each service keeps");
    const latest = join(folder, "reports", "latest");
    const files = ["ctrf.json", "history.jsonl", "result.json", "result.schema.json"];
    expect(readdirSync(latest)).toEqual(files);
    const again = await cli("report", "--reporter", "github,junit");
    expect(again.code).toBe(2);
    expect(again.out).toMatch(/^::warning title=restart × late%3A inconclusive::/);
    expect(readdirSync(latest)).toContain("junit.xml");
  });

  test("3: a violation that the baseline accepts no longer occurs", async () => {
    const checker = "remembers-everything";
    const restart = { kind: "violated", checker, diagnoses: ["amnesia"], reason: "known" };
    const accepted = { bare: { restart } };
    writeFileSync(join(folder, "b.json"), JSON.stringify({ schemaVersion: 1, accepted }));
    const { code, out } = await cli(...bareRun, "--variant", "plain", "--baseline", "b.json");
    expect(code).toBe(3);
    expect(out).toContain("restart/bare");
  });

  test("70: one sentence reports a database that does not answer", async () => {
    const url = "postgres://me:secret@127.0.0.1:9/db";
    const end = await cli(...bareRun, "--database-url", url, "--test-database");
    expect(end.code).toBe(70);
    expect(sentenceOf(end)).toMatch(/^threadproof failed: no Postgres answers at 127\.0\.0\.1:9 /);
    expect(end.err).not.toContain("secret");
  });

  test("2: the reason names a port that is already in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    configure({ targets: { bare: { ...bare, env: { ...env, PORT: String(port) } } } });
    const end = await cli(...bareRun);
    server.close();
    expect(end.code).toBe(2);
    // The terminal shortens the reason.
    const saved = readFileSync(join(folder, "reports", "latest", "result.json"), "utf8");
    expect((JSON.parse(saved) as RunReport).results[0]?.verdict.because).toBe(
      `it did not become ready on an empty database: ` +
        `Error: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    );
  });

  test("70: the error about an unusable reports folder names the flag", async () => {
    writeFileSync(join(folder, "file"), "");
    const end = await cli(...bareRun, "--reports", "file");
    expect(end.code).toBe(70);
    expect(sentenceOf(end)).toMatch(/^threadproof: cannot write to file\/.* --reports$/);
  });

  test("70: one sentence reports a full disk", async (context) => {
    const mayMount = process.platform === "linux" && process.getuid?.() === 0;
    context.skip(!mayMount, "the small disk is a tmpfs, which only root can mount, on Linux");
    const disk = join(folder, "disk");
    mkdirSync(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { stdio: "pipe" });
    } catch (cause) {
      context.skip(`this container cannot mount a tmpfs: ${String(cause)}`);
    }
    try {
      // Leave space for the beginning of a history only.
      writeFileSync(join(disk, "ballast"), Buffer.alloc(1024 * 1024 - 8 * 1024));
      const end = await cli(...bareRun, "--variant", "plain", "--json", "--reports", disk);
      expect(end.code).toBe(70);
      expect(end.out).toBe("");
      const errors = end.err.split("\n").filter((it) => it.startsWith("threadproof"));
      expect(errors).toEqual([
        expect.stringMatching(/^threadproof failed: cannot write .*ENOSPC.* --reports$/),
      ]);
      expect(end.err).not.toMatch(/^\s+at /m);
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  test("130: ctrl-c during a build ends the processes of the build", async () => {
    const build = "sleep 600 & echo $! > built; wait";
    configure({ targets: { bare: { ...bare, build } } });
    const child = start(...bareRun);
    const end = endOf(child);
    const built = () => {
      const file = join(folder, "built");
      return existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
    };
    await expect.poll(built, { interval: 5 }).toBeGreaterThan(0);
    const compiler = built();
    expect(livingProcess(compiler)).not.toBeNull();
    const left = () => readdirSync(tmpdir()).filter((it) => it.includes(`-${child.pid}-`));
    expect(left()).not.toEqual([]);
    const [runId = ""] = readdirSync(join(folder, "reports"));
    child.kill("SIGINT");
    const { code, out, err } = await end;
    expect(code).toBe(130);
    expect(out).toContain(`building: ${build} …`);
    expect(err).not.toMatch(/failed|the build/);
    // The watchdog ends processes that started before the resources were open.
    await expect.poll(() => livingProcess(compiler)).toBeNull();
    await expect.poll(() => carriersOf("THREADPROOF_RUN", runId)).toEqual(new Set());
    await expect.poll(left).toEqual([]);
  });

  test("130: ctrl-c during the restart of a replica leaves nothing behind", async () => {
    const child = start(...bareRun, "--variant", "forgets", "--runs", "50");
    const end = endOf(child);
    const reports = join(folder, "reports");
    const history = () => join(reports, readdirSync(reports)[0] ?? "", "history.jsonl");
    await expect
      .poll(() => readFileSync(history(), "utf8"), { interval: 5 })
      .toContain('"signal":"SIGKILL"');
    const [runId = ""] = readdirSync(reports);
    expect(carriersOf("THREADPROOF_RUN", runId).size).toBeGreaterThanOrEqual(1);
    child.kill("SIGINT");
    expect((await end).code).toBe(130);
    expect(carriersOf("THREADPROOF_RUN", runId)).toEqual(new Set());
    const left = [tmpdir(), "/dev/shm"].flatMap((it) => (existsSync(it) ? readdirSync(it) : []));
    expect(left.filter((it) => it.startsWith(`threadproof-${child.pid}-`))).toEqual([]);
  });
});
