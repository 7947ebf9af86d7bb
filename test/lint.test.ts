/**
 * Every wall of walls.ts and oxlint.config.ts, and every rule that costs an evening when it is
 * missing, is broken here once: a rule that no longer bites fails.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";

const root = join(import.meta.dirname, "..");

const bring = (what: string): string => `import "${what}";\n`;
const promise = "const later = (): Promise<number> => Promise.resolve(1);\n";

/** A rule, and files that break it in their one way: path and text. */
const broken: Record<string, readonly (readonly [path: string, text: string])[]> = {
  "eslint(no-restricted-imports)": [
    ["reference-app/a.ts", bring("../harness/history.ts")],
    ["reference-app/a2.ts", bring("../threadproof.config.ts")],
    ["reference-app/a3.test.ts", bring("../harness/history.ts")],
    ["reference-app/a4.ts", bring("vitest")],
    ["reference-app/mistakes/a.ts", bring("../../harness/history.ts")],
    ["scenarios/b.ts", bring("../reference-app/main.ts")],
    ["scenarios/b2.ts", bring("../threadproof.config.ts")],
    ["scenarios/b3.ts", bring("node:timers/promises")],
    ["scenarios/b4.ts", bring("pg")],
    ["harness/c.ts", bring("../reference-app/main.ts")],
    ["harness/c2.ts", bring("../scenarios/restart.ts")],
    ["harness/c3.ts", bring("./cli/run.ts")],
    ["harness/c4.ts", bring("vitest")],
    ["harness/c5.ts", bring("undici")],
    ["harness/c6.ts", "export * from './bench/main.ts';\n"],
    ["harness/c7.ts", "export const a = import('commander');\n"],
    ["harness/c8.ts", bring("@langchain/core/messages")],
    ["harness/c9.ts", bring("@copilotkit/aimock")],
    ["harness/c10.ts", bring("esbuild")],
    ["harness/c11.ts", bring("yocto-spinner")],
    ["harness/conversation/conversation.ts", bring("undici")],
    ["harness/talk/wire.ts", bring("pg")],
    ["harness/talk/t.ts", bring("../history.ts")],
    ["harness/talk/t2.ts", bring("undici")],
    ["harness/talk/t3.ts", bring("eventsource-parser")],
    ["harness/talk/stream-reader.ts", bring("undici")],
    ["harness/history.ts", bring("./conversation/turn.ts")],
    ["harness/verdict.ts", bring("./run.ts")],
    ["harness/checkers/d.ts", bring("../run.ts")],
    ["harness/checkers/d2.ts", "import type { Run } from '../run.ts';\nexport type R = Run;\n"],
    ["harness/checkers/d3.ts", bring("node:fs")],
    ["harness/checkers/d4.ts", bring("zod")],
    ["harness/checkers/continuity/d.ts", bring("../../run.ts")],
    ["harness/checkers/continuity/d2.ts", bring("../../../reference-app/main.ts")],
    ["harness/report/e.ts", bring("../run.ts")],
    ["harness/report/e2.ts", bring("../checkers/drains.ts")],
    ["harness/report/e3.ts", bring("yocto-spinner")],
    ["harness/faults/f.ts", bring("../run.ts")],
    ["harness/target/f2.ts", bring("yaml")],
    ["harness/target/f3.ts", bring("leven")],
    ["harness/wires/f.ts", bring("../suite.ts")],
    ["harness/wires/f2.ts", bring("pg")],
    ["harness/wires/f3.ts", bring("@copilotkit/aimock")],
    ["harness/wires/ingress.ts", bring("@copilotkit/aimock")],
    ["harness/wires/model.ts", bring("undici")],
    ["harness/wires/f4.ts", bring("testcontainers")],
    ["harness/wires/f5.ts", bring("toxiproxy-node-client")],
    ["harness/wires/toxiproxy.ts", bring("testcontainers")],
    ["harness/backends/docker-f.ts", bring("undici")],
    ["harness/docker/f.ts", bring("../run.ts")],
    ["harness/backends/process-f.ts", bring("testcontainers")],
    ["harness/backends/f.ts", bring("../cli/run.ts")],
    ["harness/backends/f2.ts", bring("../../threadproof.config.ts")],
    ["harness/postgres/f.ts", bring("../suite.ts")],
    ["harness/cli/g.ts", bring("../../reference-app/main.ts")],
    ["harness/cli/g2.ts", bring("pg")],
    ["harness/strangers/bare/g.ts", bring("../../target/configuration.ts")],
    ["harness/strangers/bare/g2.ts", bring("../sse/service.ts")],
    ["harness/strangers/bare/threadproof.config.ts", bring("../../run.ts")],
    ["harness/bench/g.ts", bring("../../scenarios/restart.ts")],
  ],
  "eslint(no-console)": [["harness/wires/h.ts", "console.log(1);\n"]],
  "eslint(no-restricted-properties)": [
    ["harness/report/h.ts", "process.stdout.write('a');\n"],
    ["harness/h.ts", "process.stderr.write('a');\n"],
  ],
  "typescript(no-floating-promises)": [["harness/i.ts", `${promise}later();\n`]],
  "typescript(return-await)": [
    [
      "harness/j.ts",
      `${promise}export async function early(held: AsyncDisposable): Promise<number> {
  await using _ = held;
  return later();
}\n`,
    ],
  ],
  "typescript(no-misused-promises)": [["harness/k.ts", `${promise}if (later()) void 0;\n`]],
  "typescript(await-thenable)": [
    [
      "harness/l.ts",
      "export async function a(one: number): Promise<void> {\n  void (await one);\n}\n",
    ],
  ],
  "typescript(switch-exhaustiveness-check)": [
    [
      "harness/m.ts",
      "export function a(it: 'x' | 'y'): void {\n  switch (it) {\n    case 'x':\n  }\n}\n",
    ],
  ],
  "typescript(no-unsafe-assignment)": [["harness/n.ts", "export const a = JSON.parse('1');\n"]],
  "import(no-cycle)": [
    ["harness/o1.ts", "import { b } from './o2.ts';\nexport const a = (): number => b();\n"],
    ["harness/o2.ts", "import { a } from './o1.ts';\nexport const b = (): number => a();\n"],
  ],
  "eslint(max-lines)": [["harness/p.ts", "export {};\n" + "void 0;\n".repeat(250)]],
  "eslint(max-lines-per-function)": [
    ["harness/q.ts", `export function a(): void {\n${"  void 0;\n".repeat(60)}}\n`],
  ],
};

/** What the rules allow: a wall that stops everything would pass the other test. */
const kept: readonly (readonly [path: string, text: string])[] = [
  ["reference-app/ok.ts", bring("express") + bring("./ok2.ts")],
  ["reference-app/mistakes/ok.ts", bring("../ok.ts") + bring("pg")],
  [
    "scenarios/ok.ts",
    bring("../harness/conversation/turn.ts") + bring("../harness/faults/kill.ts"),
  ],
  ["harness/ok.ts", bring("./wires/hold.ts") + bring("node:fs") + bring("zod")],
  ["harness/ok.test.ts", bring("vitest") + bring("./ok.ts")],
  ["harness/checkers/ok.ts", bring("../history.ts") + bring("./turns.ts")],
  ["harness/checkers/continuity/ok.ts", bring("../../verdict.ts") + bring("../lives.ts")],
  ["harness/report/ok.ts", bring("../expectation.ts") + bring("zod")],
  ["harness/postgres/ok.ts", bring("pg") + bring("../scratch.ts")],
  ["harness/wires/ok.ts", bring("../conversation/turn.ts")],
  ["harness/backends/docker-ok.ts", bring("testcontainers") + bring("../deployment.ts")],
  ["harness/docker/ok.ts", bring("testcontainers") + bring("../watchdog.ts")],
  ["harness/backends/docker-ok.test.ts", bring("testcontainers") + bring("vitest")],
  ["harness/cli/ok.ts", `${bring("commander")}console.log(1);\n`],
  ["harness/bench/ok.ts", `${bring("../run.ts")}console.log(1);\n`],
];

const told = z.object({
  diagnostics: z.array(
    z.object({ message: z.string(), code: z.string().optional(), filename: z.string() }),
  ),
});

test("every rule bites where it is broken, and only there", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "threadproof-lint-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const file of ["oxlint.config.ts", "walls.ts", "tsconfig.json", "package.json"]) {
    await cp(join(root, file), join(folder, file));
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const cases = Object.entries(broken).flatMap(([rule, list]) =>
    list.map(([path, text]) => ({ expected: `${path} ${rule}`, path, text })),
  );
  for (const [path, text] of [...cases.map((it) => [it.path, it.text] as const), ...kept]) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const found = await lint(folder);
  expect(found.toSorted()).toEqual(cases.map((it) => it.expected).toSorted());
});

/** Runs the linter in a folder. Answers each finding as "path rule", once. */
async function lint(folder: string): Promise<string[]> {
  const bin = join(root, "node_modules/oxlint/bin/oxlint");
  const report = await promisify(execFile)(process.execPath, [bin, "-f", "json"], {
    cwd: folder,
  }).catch((error: { stdout: string }) => error);
  const { diagnostics } = told.parse(JSON.parse(report.stdout));
  return [...new Set(diagnostics.map(({ filename, code }) => `${filename} ${code ?? "?"}`))];
}
