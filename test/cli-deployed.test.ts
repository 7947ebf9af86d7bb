// A service that is deployed already, as a user of the command line has it: asked on the terminal
// for what may be done to it, behind a certificate, and before the doctor.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { UrlInput } from "../harness/config/configuration.ts";
import type { RunReport } from "../harness/report/result.ts";
import { WholeService } from "./support/whole-service.ts";

const main = fileURLToPath(new URL("../harness/cli/main.ts", import.meta.url));

let folder = "";
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deployed-cli-"));
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function configure(whole: UrlInput): void {
  const file = join(folder, "threadproof.config.json");
  writeFileSync(file, JSON.stringify({ targets: { whole } }));
}

function start(file: string, args: readonly string[], environment: object = {}): ChildProcess {
  const { GITHUB_STEP_SUMMARY: _, CI: __, ...env } = { ...process.env, ...environment };
  const child = spawn(file, args, { cwd: folder, env });
  started.push(child);
  return child;
}

async function endOf({ stdout, stderr }: ChildProcess, ended: Promise<unknown[]>) {
  if (stdout === null || stderr === null) throw new Error("no pipes");
  const [out, err, [code]] = await Promise.all([text(stdout), text(stderr), ended]);
  return { code, out: out.replaceAll(/\s+/g, " "), err };
}

function cli(args: readonly string[], environment: object = {}) {
  const child = start(process.execPath, [main, ...args], environment);
  return endOf(child, once(child, "close"));
}

/** Why the only case of the last run was inconclusive, or was not run: the terminal shortens it. */
function reasonOfLastRun(): string {
  const saved = readFileSync(join(folder, "reports", "latest", "result.json"), "utf8");
  const { results, notRun } = JSON.parse(saved) as RunReport;
  return [...results.map((it) => it.verdict.because), ...notRun.map((it) => it.reason)].join("; ");
}

describe("what may be done to it", () => {
  // A kill that kills nobody: that it was run is all that is asked here.
  const kill = "echo kill $REPLICA >> hooks.log";
  const hooks = { kill, start: "true" };
  const done = () => existsSync(join(folder, "hooks.log"));

  /** With a terminal of its own, on which `answer` is typed once something is asked. */
  async function onTerminal(answer: string) {
    const line = `'${process.execPath}' '${main}' run restart`;
    const child = start("script", ["-qec", line, "/dev/null"], { TERM: "dumb" });
    let shown = "";
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      const asked = shown.includes("[y/N]");
      shown += piece;
      if (!asked && shown.includes("[y/N]")) child.stdin?.write(answer);
    });
    const [code] = (await once(child, "close")) as [number | null];
    return { code, shown: shown.replaceAll(/\s+/g, " ") };
  }

  const isLinux = process.platform === "linux";
  const noTerminal = "script of util-linux, which gives a terminal of its own, is Linux's";

  test.for([
    ["y", "y\r", "hooks.kill of replica blue ended, but 5000 ms later it is still ready"],
    ["a bare return", "\r", "hooks.kill is run only with --allow-hooks"],
    ["what is no yes", "yeah\r", "hooks.kill is run only with --allow-hooks"],
    ["ctrl-d", "\u0004", "hooks.kill is run only with --allow-hooks"],
  ] as const)(
    "is asked on the terminal: %s",
    { timeout: 120_000 },
    async ([_, answer, sentence], context) => {
      context.skip(!isLinux, noTerminal);
      await using service = await WholeService.open();
      configure(service.target({ hooks }));
      const { code, shown } = await onTerminal(answer);
      const question = `threadproof will run these hooks many times: whole: hooks.kill: ${kill} Continue?`;
      expect(shown).toContain(question);
      expect(reasonOfLastRun()).toContain(sentence);
      expect(done()).toBe(answer === "y\r");
      expect(code).toBe(2);
    },
  );

  test("ctrl-c at the question ends it, and nothing was done", async (context) => {
    context.skip(!isLinux, noTerminal);
    await using service = await WholeService.open();
    configure(service.target({ hooks }));
    const { code, shown } = await onTerminal("\u0003");
    expect(code).toBe(130);
    expect(shown).toMatch(/\[y\/N\]/);
    expect(shown).not.toContain("failed");
    expect([done(), existsSync(join(folder, "reports")), service.asked]).toEqual([
      false,
      false,
      [],
    ]);
  }, 120_000);

  test("is done without a question with --allow-hooks, and without a terminal not at all", async () => {
    await using service = await WholeService.open();
    configure(service.target({ hooks }));
    const shy = await cli(["run", "restart"]);
    expect([shy.code, done()]).toEqual([2, false]);
    expect(reasonOfLastRun()).toContain("hooks.kill is run only with --allow-hooks");
    const bold = await cli(["run", "restart", "--allow-hooks"]);
    expect([bold.code, done()]).toEqual([2, true]);
    expect(bold.out + bold.err).not.toContain("Continue?");
    expect(readFileSync(join(folder, "hooks.log"), "utf8")).toMatch(/^(kill blue\n)+$/);
  }, 120_000);
});

describe("behind a certificate that its team has made itself", () => {
  const ca = () => join(folder, "ca.pem");
  const openssl = "/usr/bin/openssl";

  beforeEach(({ skip }) => {
    skip(!existsSync(openssl), "openssl is not installed: there is nobody to make a certificate");
  });

  /** Its key and certificate, made for a name of its own. */
  function made(name: string) {
    const key = join(folder, "key.pem");
    execFileSync(
      openssl,
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        ...["-nodes", "-days", "2", "-subj", "/CN=whole", "-addext", `subjectAltName=${name}`],
        ...["-keyout", key, "-out", ca()],
      ],
      { stdio: "pipe" },
    );
    return { key: readFileSync(key, "utf8"), cert: readFileSync(ca(), "utf8") };
  }

  test("it is judged once that is trusted, and until then told why not", async () => {
    await using service = await WholeService.open({ tls: made("IP:127.0.0.1") });
    configure(service.target());
    const distrusted = await cli(["run", "round-robin"]);
    expect(distrusted.code).toBe(2);
    expect(reasonOfLastRun()).toContain(
      "GET /health answers with a certificate that is not trusted (self-signed certificate): " +
        "name the file of its CA in NODE_EXTRA_CA_CERTS",
    );
    expect(service.asked).toEqual([]);
    const trusted = await cli(["run", "round-robin"], { NODE_EXTRA_CA_CERTS: ca() });
    expect(trusted.out).toContain("1 as expected, 0 surprises");
    expect(trusted.code).toBe(0);
    expect(service.asked).toContain("POST threads :id approval");
  }, 120_000);

  test("one that was made for another name is told as that, without a ready check too", async () => {
    await using service = await WholeService.open({ tls: made("DNS:elsewhere.test") });
    configure(service.target({ ready: undefined }));
    const { code, out } = await cli(["doctor", "--target", "whole"], { NODE_EXTRA_CA_CERTS: ca() });
    expect(code).toBe(1);
    expect(out).toMatch(/✘ start blue is not ready: .*certificate that is not trusted \(Hostname/);
    expect(out).toContain("give the name that it was made for");
  }, 120_000);

  test("a hook that is asked there is told the same", async () => {
    await using service = await WholeService.open({ tls: made("IP:127.0.0.1") });
    const { address } = service.target();
    const [blue = ""] = Object.values(address);
    await using plain = await WholeService.open();
    configure(plain.target({ hooks: { logs: { get: `${blue}/health` } } }));
    const { out } = await cli(["doctor", "--target", "whole"]);
    expect(out).toMatch(/✘ hooks hooks.logs of replica blue was answered with a certificate that/);
  }, 120_000);
});

describe("the doctor", () => {
  const noted = (name: string) => `echo ${name} >> hooks.log`;

  test("finds that all is well, prints the hooks as they would be run, and runs none", async () => {
    await using service = await WholeService.open();
    const hooks = {
      kill: noted("kill ${replica}"),
      start: noted("start"),
      logs: "echo booting; echo $REPLICA listens",
    };
    configure(service.target({ hooks }));
    const { code, out } = await cli(["doctor", "--target", "whole"]);
    expect(out).toMatch(/✔ second view \$\[\*\] finds the message and the reply, as read does/);
    expect(out).toMatch(
      /✔ resume after POST \/threads\/\$\{thread\}\/approval, a turn that waited for an approval/,
    );
    expect(out).toMatch(/✔ hooks the log of blue ends with “blue listens”; not run here, and in/);
    expect(out).toContain("kill: echo kill blue >> hooks.log · start: echo start >> hooks.log");
    expect(existsSync(join(folder, "hooks.log"))).toBe(false);
    expect(out).toMatch(/will run \d+ of \d+ round-robin/);
    expect(out).toContain("hooks.kill is run only with --allow-hooks");
    expect(code).toBe(0);
    const bold = await cli(["doctor", "--target", "whole", "--allow-hooks"]);
    expect(bold.out).toMatch(/capabilities replicas, kill, /);
    expect(existsSync(join(folder, "hooks.log"))).toBe(false);
  }, 120_000);

  test.each([
    [
      "fails",
      { logs: "echo no such container; exit 3" },
      /✘ hooks hooks.logs of replica blue ended with 3: no such container; not/,
    ],
    [
      "no shell understands",
      { kill: "docker kill 'app-${replica}", start: "true", logs: "true" },
      /✘ hooks hooks.kill is not a valid shell command: .*(unterminated|unexpected EOF).*; not run here/i,
    ],
  ])(
    "tells of hooks which one %s, and runs no other",
    async (_, broken, sentence) => {
      await using service = await WholeService.open();
      const hooks = { redeploy: noted("redeploy"), ...broken };
      configure(service.target({ hooks }));
      const { code, out } = await cli(["doctor", "--target", "whole"]);
      expect(code).toBe(1);
      expect(out).toMatch(sentence);
      expect(out).toContain("redeploy: echo redeploy >> hooks.log");
      expect(out).toMatch(/✔ threads two threads are isolated/);
      expect(existsSync(join(folder, "hooks.log"))).toBe(false);
    },
    120_000,
  );
});
