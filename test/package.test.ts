/** The packed package, installed in a project with an example service. */
import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const team = mkdtempSync(join(tmpdir(), "team-"));
const packed = join(team, "node_modules", "threadproof");

interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(cwd: string, file: string, ...args: string[]): Promise<End> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

const node = (...args: string[]) => run(team, process.execPath, ...args);
const threadproof = (...args: string[]) =>
  node(join(packed, "harness", "cli", "threadproof.js"), ...args);
const typed = () => node(join(root, "node_modules", "typescript", "bin", "tsc"), "-p", ".");

beforeAll(async () => {
  const { stdout } = await run(root, "npm", "pack", "--json", "--pack-destination", team);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  mkdirSync(packed, { recursive: true });
  await run(team, "tar", "-xzf", filename, "--strip-components", "1", "-C", packed);
  // Links the dependencies into the folder where npm would install them.
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name.startsWith(".") || name === "threadproof") continue;
    symlinkSync(join(root, "node_modules", name), join(team, "node_modules", name));
  }
  writeFileSync(join(team, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(team, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["."] }));
  writeFileSync(join(team, "threadproof.config.yaml"), configuration);
  mkdirSync(join(team, "my-scenarios"));
  writeFileSync(join(team, "my-scenarios", "two-deaths.ts"), twoDeaths);
  for (const [name, text] of documentedCode()) writeFileSync(join(team, name), text);
}, 180_000);

afterAll(() => rmSync(team, { recursive: true }));

const compilerOptions = {
  target: "esnext",
  lib: ["esnext"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

const service = join(root, "examples", "bare", "service.ts");
const configuration = `# yaml-language-server: $schema=./node_modules/threadproof/schema.json
scenarios: [my-scenarios]
targets:
  mine:
    kind: command
    start: node ${service}
    env: { PORT: "\${port}", MODEL_URL: "\${model}", DATABASE_URL: "\${database}" }
    ready: { get: /health, withinMs: 60000 }
    say:
      post: /conversations/\${thread}/messages
      headers: { x-user: "\${user}" }
      json: { text: "\${message}" }
      reply: $.answer
`;

/** The scenario that docs/writing-scenarios.md shows. */
const twoDeaths = documentedScenario();

/** Every TypeScript block in docs/ that imports the package. The test compiles these as well. */
function documentedCode(): [name: string, text: string][] {
  const folder = join(root, "docs");
  const pages = readdirSync(folder).filter((it) => it.endsWith(".md"));
  return pages.flatMap((page) =>
    [...readFileSync(join(folder, page), "utf8").matchAll(/^```ts\n(.*?)^```/gms)]
      .map(([, text = ""], i): [string, string] => [`${page}.${i}.ts`, text])
      .filter(([, text]) => text.includes('from "threadproof"')),
  );
}

function documentedScenario(): string {
  const page = readFileSync(join(root, "docs", "writing-scenarios.md"), "utf8");
  const [, block] = /`my-scenarios\/two-deaths\.ts`:\n\n```ts\n(.*?)```/s.exec(page) ?? [];
  if (block === undefined)
    throw new Error("docs/writing-scenarios.md shows no my-scenarios/two-deaths.ts");
  return block;
}

test("the package's types check a user's scenario", { timeout: 120_000 }, async () => {
  expect(await typed()).toMatchObject({ code: 0, stdout: "" });
  const wrong = twoDeaths.replace("user.say(", "user.tell(").replace('"kill"]', '"kil"]');
  writeFileSync(join(team, "my-scenarios", "wrong.ts"), wrong);
  const { code, stdout } = await typed();
  rmSync(join(team, "my-scenarios", "wrong.ts"));
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/wrong\.ts\(\d+,\d+\): error .*'tell' does not exist/);
  expect(stdout).toMatch(/wrong\.ts\(\d+,\d+\): error .*"kil"/);
});

test(
  "the user's scenario runs beside the built-in ones, and is in the same report",
  { timeout: 240_000 },
  async () => {
    const listed = await threadproof("list", "--json");
    const { scenarios } = JSON.parse(listed.stdout) as { scenarios: { name: string }[] };
    expect(scenarios.map((it) => it.name)).toContain("round-robin");
    expect(scenarios.at(-1)?.name).toBe("two-deaths");
    const { code, stdout, stderr } = await threadproof("run", "two-deaths", "--seed", "7");
    // Compares the output, too, so that a failure of this test shows it.
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: "", stdout: expect.any(String) });
    const report = readFileSync(join(team, "reports", "latest", "result.json"), "utf8");
    const { results } = JSON.parse(report) as { results: { checkers: object[] }[] };
    expect(results).toMatchObject([{ scenario: "two-deaths", verdict: { kind: "holds" } }]);
    expect(results[0]?.checkers).toContainEqual({
      checker: "both-died",
      kind: "holds",
      because: "2 checked",
    });
  },
);

test("the package contains the JSON Schema for editors", { timeout: 60_000 }, async () => {
  const { stdout } = await threadproof("schema");
  const [, path = ""] = /\$schema=(\S+)/.exec(configuration) ?? [];
  expect(readFileSync(join(team, path), "utf8")).toBe(stdout);
  const resolve = 'console.log(new URL(import.meta.resolve("threadproof/schema.json")).pathname)';
  const resolved = await node("--input-type=module", "-e", resolve);
  expect(readFileSync(resolved.stdout.trim(), "utf8")).toBe(stdout);
});
