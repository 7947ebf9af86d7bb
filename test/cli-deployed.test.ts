// The command line on a service that is already deployed: confirmation of hooks on the terminal,
// certificates, and the doctor.
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

/** Why the only case was inconclusive or did not run. The terminal shortens this text. */
function reasonOfLastRun(): string {
  const saved = readFileSync(join(folder, "reports", "latest", "result.json"), "utf8");
  const { results, notRun } = JSON.parse(saved) as RunReport;
  return [...results.map((it) => it.verdict.because), ...notRun.map((it) => it.reason)].join("; ");
}

describe("hooks that kill", () => {
  // This kill hook only writes to a log, which shows whether the hook ran.
  const kill = "echo kill $REPLICA >> hooks.log";
  const hooks = { kill, start: "true" };
  const hasRun = () => existsSync(join(folder, "hooks.log"));

  /** Runs the command on a pseudo-terminal and types `answer` when the question appears. */
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
  const noTerminal = "only Linux has script of util-linux, which opens a pseudo-terminal";

  test.for([
    ["y", "y\r", "hooks.kill of replica blue ended, but 5000 ms later it is still ready"],
    ["only return", "\r", "hooks.kill runs only with --allow-hooks"],
    ["any other word", "yeah\r", "hooks.kill runs only with --allow-hooks"],
    ["ctrl-d", "\u0004", "hooks.kill runs only with --allow-hooks"],
  ] as const)(
    "need confirmation on the terminal: %s",
    { timeout: 120_000 },
    async ([_, answer, sentence], context) => {
      context.skip(!isLinux, noTerminal);
      await using service = await WholeService.open();
      configure(service.target({ hooks }));
      const { code, shown } = await onTerminal(answer);
      const question = `threadproof will run these hooks many times: whole: hooks.kill: ${kill} Continue?`;
      expect(shown).toContain(question);
      expect(reasonOfLastRun()).toContain(sentence);
      expect(hasRun()).toBe(answer === "y\r");
      expect(code).toBe(2);
    },
  );

  test("do not run if the user answers with ctrl-c, and the command exits", async (context) => {
    context.skip(!isLinux, noTerminal);
    await using service = await WholeService.open();
    configure(service.target({ hooks }));
    const { code, shown } = await onTerminal("\u0003");
    expect(code).toBe(130);
    expect(shown).toMatch(/\[y\/N\]/);
    expect(shown).not.toContain("failed");
    expect([hasRun(), existsSync(join(folder, "reports")), service.asked]).toEqual([
      false,
      false,
      [],
    ]);
  }, 120_000);

  test("run without a question with --allow-hooks, and never run without a terminal", async () => {
    await using service = await WholeService.open();
    configure(service.target({ hooks }));
    const forbidden = await cli(["run", "restart"]);
    expect([forbidden.code, hasRun()]).toEqual([2, false]);
    expect(reasonOfLastRun()).toContain("hooks.kill runs only with --allow-hooks");
    const allowed = await cli(["run", "restart", "--allow-hooks"]);
    expect([allowed.code, hasRun()]).toEqual([2, true]);
    expect(allowed.out + allowed.err).not.toContain("Continue?");
    expect(readFileSync(join(folder, "hooks.log"), "utf8")).toMatch(/^(kill blue\n)+$/);
  }, 120_000);
});

describe("a service with a self-signed certificate", () => {
  const ca = () => join(folder, "ca.pem");
  const openssl = "/usr/bin/openssl";

  beforeEach(({ skip }) => {
    skip(!existsSync(openssl), "openssl is not installed, so the test cannot create a certificate");
  });

  /** Creates a key and a certificate for `name`. */
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

  test("is judged only if the certificate is trusted; otherwise the reason says how", async () => {
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

  test("the doctor reports a certificate for another name, even without a ready check", async () => {
    await using service = await WholeService.open({ tls: made("DNS:elsewhere.test") });
    configure(service.target({ ready: undefined }));
    const { code, out } = await cli(["doctor", "--target", "whole"], { NODE_EXTRA_CA_CERTS: ca() });
    expect(code).toBe(1);
    expect(out).toMatch(/✘ start blue is not ready: .*certificate that is not trusted \(Hostname/);
    expect(out).toContain("use the host name for which it was issued");
  }, 120_000);

  test("the doctor reports the certificate if a hook calls the service", async () => {
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

  test("finds that everything works, prints the hooks with their values, and runs none", async () => {
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
    expect(out).toContain("hooks.kill runs only with --allow-hooks");
    expect(code).toBe(0);
    const allowed = await cli(["doctor", "--target", "whole", "--allow-hooks"]);
    expect(allowed.out).toMatch(/capabilities replicas, kill, /);
    expect(existsSync(join(folder, "hooks.log"))).toBe(false);
  }, 120_000);

  test.each([
    [
      "fails",
      { logs: "echo no such container; exit 3" },
      /✘ hooks hooks.logs of replica blue ended with 3: no such container; not/,
    ],
    [
      "is not valid shell syntax",
      { kill: "docker kill 'app-${replica}", start: "true", logs: "true" },
      /✘ hooks hooks.kill is not a valid shell command: .*(unterminated|unexpected EOF).*; not run here/i,
    ],
  ])(
    "names the hook that %s, and runs no other hook",
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
