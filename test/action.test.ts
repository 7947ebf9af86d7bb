/** The action for GitHub: its metadata, and its script as the runner would run it. */
import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";

const root = join(import.meta.dirname, "..");
const step = z.object({
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.string()).default({}),
  env: z.record(z.string(), z.string()).default({}),
  "working-directory": z.string().optional(),
  run: z.string().optional(),
});
const action = z
  .object({
    inputs: z.record(z.string(), z.object({ description: z.string(), default: z.string() })),
    outputs: z.record(z.string(), z.object({ value: z.string() })),
    runs: z.object({ using: z.literal("composite"), steps: z.array(step) }),
  })
  .parse(parse(readFileSync(join(root, ".github/actions/threadproof/action.yml"), "utf8")));
const script = action.runs.steps.find((it) => it.id === "run");

/** One that is never ready, which costs least: the run ends with 2. */
const configuration = {
  targets: {
    late: {
      kind: "command",
      start: `node ${join(root, "examples/bare/service.ts")}`,
      env: { PORT: "${port}", MODEL_URL: "${model}" },
      migrate: "node -e 0",
      ready: { get: "/never", withinMs: 300 },
      say: { post: "/say", json: { text: "${message}" }, reply: "$.answer" },
    },
  },
};

/** Runs the script in a checkout. Its npx starts the threadproof of this repository. */
async function run(inputs: Readonly<Record<string, string>>) {
  const checkout = mkdtempSync(join(tmpdir(), "action-"));
  onTestFinished(() => rmSync(checkout, { recursive: true }));
  const folder = join(checkout, "agent");
  const bin = join(checkout, "bin");
  for (const it of [folder, bin]) mkdirSync(it);
  writeFileSync(join(folder, "threadproof.config.yaml"), stringify(configuration));
  const npx = join(bin, "npx");
  const main = join(root, "harness/cli/main.ts");
  writeFileSync(
    npx,
    `#!/usr/bin/env bash
printf '%s\\n' "$@" > "${checkout}/arguments"
shift 2
exec "${process.execPath}" "${main}" "$@"
`,
  );
  chmodSync(npx, 0o755);
  const given = (text: string): string =>
    text.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => {
      const input = action.inputs[name];
      if (input === undefined) throw new Error(`there is no input ${name}`);
      return inputs[name] ?? input.default;
    });
  const names = Object.entries(script?.env ?? {}).map(([name, value]) => [name, given(value)]);
  const env = {
    ...process.env,
    ...(Object.fromEntries(names) as Record<string, string>),
    PATH: [bin, process.env["PATH"]].join(delimiter),
    GITHUB_WORKSPACE: checkout,
    GITHUB_OUTPUT: join(checkout, "output"),
    GITHUB_STEP_SUMMARY: join(checkout, "summary"),
  };
  // The arguments that a GitHub runner uses for `shell: bash`.
  const command = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script?.run ?? ""];
  const end = await promisify(execFile)("bash", command, { cwd: folder, env }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  const written = (name: string): string =>
    existsSync(join(checkout, name)) ? readFileSync(join(checkout, name), "utf8") : "";
  const outputs = written("output").trimEnd().split("\n");
  return { ...end, folder, outputs, words: written("arguments").split("\n"), written };
}

describe("the action for GitHub", () => {
  test("runs scenarios, reports to GitHub, and exits with the code of the run", async () => {
    const { code, stdout, folder, outputs, written } = await run({ scenarios: "restart" });
    expect(code).toBe(2);
    const latest = join(folder, "reports", "latest");
    expect(outputs).toEqual([`reports=${latest}`, "exit-code=2"]);
    expect(stdout).toMatch(/^::warning file=agent\/threadproof\.config\.yaml,line=2,/m);
    expect(stdout).toContain("What each service keeps and breaks");
    expect(written("summary")).toMatch(/^## ⚠️ threadproof: /);
    expect(readdirSync(latest)).toEqual(
      expect.arrayContaining(["ctrf.json", "history.jsonl", "junit.xml", "result.json"]),
    );
  }, 60_000);

  test("special characters in an input cannot change the command line", async () => {
    const { code, stdout, outputs, words } = await run({
      config: "my config; exit 0",
      target: "one two",
      scenarios: "restart\nround-robin $(exit 0) *",
      baseline: "known's.json",
      version: "1.2.3",
      reporters: "junit",
    });
    expect(code).toBe(64);
    expect(stdout).toBe("");
    expect(outputs.at(-1)).toBe("exit-code=64");
    expect(words).toEqual([
      ...["--yes", "threadproof@1.2.3", "run", "restart", "round-robin", "$(exit", "0)", "*"],
      ...["--reporter", "junit", "--target", "one", "--target", "two"],
      ...["--config", "my config; exit 0", "--baseline", "known's.json", ""],
    ]);
  });

  test("an error of usage becomes an annotation on GitHub", async () => {
    const { code, stdout, outputs } = await run({ scenarios: "restrat" });
    expect([code, outputs.at(-1)]).toEqual([64, "exit-code=64"]);
    expect(stdout).toMatch(
      /^::error title=threadproof could not judge::no scenario "restrat".*\n$/,
    );
  });

  test("its script contains no input expression, which bash would run as code", () => {
    expect(script?.run).toContain("npx --yes");
    expect(action.runs.steps.map((it) => it.run ?? "").join("\n")).not.toContain("${{");
  });

  test("every declared input is used, and every used input is declared", () => {
    const text = JSON.stringify(action.runs);
    const used = [...text.matchAll(/\binputs\.([\w-]+)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(action.inputs)));
  });

  test("docs/ci.md uses inputs that exist", () => {
    const page = readFileSync(join(root, "docs", "ci.md"), "utf8");
    const [, text = ""] = /^```yaml\n(- uses: .*?)^```$/ms.exec(page) ?? [];
    const [one] = z.array(step).parse(parse(text));
    expect(one?.uses).toContain("/.github/actions/threadproof@");
    expect(Object.keys(action.inputs)).toEqual(
      expect.arrayContaining(Object.keys(one?.with ?? {})),
    );
    expect(one?.with).toHaveProperty("target");
  });

  test("the reports of a failed run are uploaded, too, and actions are pinned to commits", () => {
    const upload = action.runs.steps.find((it) => it.uses?.includes("upload-artifact"));
    expect(upload?.if).toContain("always()");
    expect(upload?.with["path"]).toBe(action.outputs["reports"]?.value);
    const text = readFileSync(join(root, ".github/actions/threadproof/action.yml"), "utf8");
    const uses = [...text.matchAll(/uses: (.+)$/gm)].map(([, it]) => it);
    expect(uses).toHaveLength(2);
    for (const it of uses) expect(it).toMatch(/^actions\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
  });
});
