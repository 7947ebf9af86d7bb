/**
 * Breaks every import rule and the most important other rules once each. The test derives the
 * imports from the table in import-rules.ts, so it covers new rooms and packages, too.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob, posix } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { alsoInTests, folders, forTests, packages, rooms } from "../import-rules.ts";

const root = join(import.meta.dirname, "..");

/** A file with one import per line. */
interface Imports {
  readonly path: string;
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
}

const outside = ["reference-app/main", "scenarios/restart", "examples/bare/service", "bench/bench"];
/** Files on no floor of harness/. */
const beyond = [...outside, "test/support/shorthand", "threadproof.config", "harness/threadproof"];
const everyPackage = [...Object.keys(packages), ...forTests];

/** The relative path from the file at `path` to another file. */
const from = (path: string, to: string): string => {
  const relative = posix.relative(posix.dirname(path), `${to}.ts`);
  return relative.startsWith(".") ? relative : `./${relative}`;
};

/** The packages that a file may and may not import because of its path. */
function packagesIn(path: string): Pick<Imports, "allowed" | "forbidden"> {
  const isHome = (name: string): boolean =>
    path.endsWith(".test.ts")
      ? [...forTests, ...alsoInTests].includes(name)
      : (packages[name] ?? []).some((place) => matchesGlob(path, place));
  const imported = (name: string): string => (name === "@langchain" ? `${name}/core` : name);
  return {
    allowed: everyPackage.filter(isHome).map(imported),
    forbidden: everyPackage.filter((name) => !isHome(name)).map(imported),
  };
}

/** The imports of a file in each room, and in a folder of each room. */
const inRooms: readonly Imports[] = rooms.flatMap((room) =>
  ["", "part/"].flatMap((folder) => {
    const path = `harness/${room.name}/${folder}broken.ts`;
    const never = room.not?.[0] ?? [];
    const isLower = (it: (typeof rooms)[number]): boolean =>
      it.name === room.name || (it.floor < room.floor && !never.includes(it.name));
    const files = (is: boolean): string[] =>
      rooms
        .filter((it) => isLower(it) === is)
        .map((it) => from(path, `harness/${it.name}/some-file`));
    const [pure, impure] = room.isPure === true ? [["node:fs"], []] : [[], ["node:fs"]];
    const known = packagesIn(path);
    return {
      path,
      allowed: [...files(true), ...impure, "zod", ...known.allowed],
      forbidden: [
        ...files(false),
        ...beyond.map((it) => from(path, it)),
        ...pure,
        ...known.forbidden,
      ],
    };
  }),
);

/** Files that may import a package, and tests beside files of every kind. */
const homes = [...new Set(Object.values(packages).flat())].map((it) => it.replaceAll("*", "home"));
const besides = [
  ...rooms.map(({ name }) => `harness/${name}/beside.test.ts`),
  ...folders.flatMap(({ files }) => files).map((it) => it.replaceAll("*", "beside")),
  "bench/beside.ts",
];
const ofPackages: readonly Imports[] = [
  ...homes,
  ...besides,
  ...besides.map((it) => it.replace(/(\.test)?\.ts$/, ".test.ts")),
]
  .filter((path, i, all) => all.indexOf(path) === i)
  .map((path) => ({ path, ...packagesIn(path) }));

/** The imports of files in the folders beside harness/. */
const inFolders: readonly Imports[] = [
  {
    path: "reference-app/broken.ts",
    allowed: ["./service.ts", "node:fs"],
    forbidden: ["../harness/history/history.ts", "../threadproof.config.ts"],
  },
  {
    path: "reference-app/mistakes/broken.ts",
    allowed: ["../service.ts"],
    forbidden: ["../../harness/history/history.ts", "../../scenarios/restart.ts"],
  },
  {
    path: "examples/bare/broken.ts",
    allowed: ["./service.ts", "../../harness/threadproof.ts"],
    forbidden: ["../sse/service.ts", "../../harness/config/configuration.ts"],
  },
  {
    path: "scenarios/broken.ts",
    allowed: [
      ...["history/turn", "checkers/drains", "faults/kill", "engine/scenario"].map(
        (it) => `../harness/${it}.ts`,
      ),
      "./restart.ts",
    ],
    forbidden: [
      ...["client/job", "wires/hold", "deployment/replica"].map((it) => `../harness/${it}.ts`),
      ...["../reference-app/main.ts", "../threadproof.config.ts", "../test/support/shorthand.ts"],
      ...["node:timers/promises", "zod"],
    ],
  },
  {
    path: "harness/threadproof.ts",
    allowed: ["./engine/scenario.ts", "./faults/registry.ts"],
    forbidden: ["./doctor/check.ts", "./cli/main.ts", "../reference-app/main.ts", "pg", "vitest"],
  },
];

const promise = "const later = (): Promise<number> => Promise.resolve(1);\n";

/** For each rule about code, the path and text of files that break only this rule. */
const broken: Record<string, readonly (readonly [path: string, text: string])[]> = {
  "eslint(no-console)": [["harness/wires/h.ts", "console.log(1);\n"]],
  "eslint(no-restricted-properties)": [
    ["harness/report/h.ts", "process.stdout.write('a');\n"],
    ["harness/wires/h2.ts", "process.stderr.write('a');\n"],
  ],
  "typescript(no-floating-promises)": [["harness/wires/i.ts", `${promise}later();\n`]],
  "typescript(return-await)": [
    [
      "harness/wires/j.ts",
      `${promise}export async function early(held: AsyncDisposable): Promise<number> {
  await using _ = held;
  return later();
}\n`,
    ],
  ],
  "typescript(no-misused-promises)": [["harness/wires/k.ts", `${promise}if (later()) void 0;\n`]],
  "typescript(await-thenable)": [
    [
      "harness/wires/l.ts",
      "export async function a(one: number): Promise<void> {\n  void (await one);\n}\n",
    ],
  ],
  "typescript(switch-exhaustiveness-check)": [
    [
      "harness/wires/m.ts",
      "export function a(it: 'x' | 'y'): void {\n  switch (it) {\n    case 'x':\n  }\n}\n",
    ],
  ],
  "typescript(no-unsafe-assignment)": [
    ["harness/wires/n.ts", "export const a = JSON.parse('1');\n"],
  ],
  "import(no-cycle)": [
    ["harness/wires/o1.ts", "import { b } from './o2.ts';\nexport const a = (): number => b();\n"],
    ["harness/wires/o2.ts", "import { a } from './o1.ts';\nexport const b = (): number => a();\n"],
    // Type imports count as well.
    ["harness/wires/t1.ts", "import type { B } from './t2.ts';\nexport type A = B | 1;\n"],
    ["harness/wires/t2.ts", "import type { A } from './t1.ts';\nexport type B = { a: A };\n"],
  ],
  "eslint(no-restricted-imports)": [
    ["harness/history/r.ts", "export * from '../wires/hold.ts';\n"],
    ["harness/history/r2.ts", "import type { A } from '../wires/a.ts';\nexport type B = A;\n"],
    ["harness/history/r3.ts", "export const a = import('commander');\n"],
  ],
  "eslint(max-lines)": [["harness/wires/p.ts", "export {};\n" + "void 0;\n".repeat(250)]],
  "eslint(max-lines-per-function)": [
    ["harness/wires/q.ts", `export function a(): void {\n${"  void 0;\n".repeat(60)}}\n`],
  ],
};

/** Files that may print. Without them a rule that forbids all printing would pass this test. */
const printing = ["harness/cli/ok.ts", "bench/ok.ts"].map((path) => ({
  path,
  text: "console.log(1);\n",
}));

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string().optional(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.number() }) })),
    }),
  ),
});

test("the linter reports each broken rule, and nothing else", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "threadproof-lint-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const file of ["oxlint.config.ts", "import-rules.ts", "tsconfig.json", "package.json"]) {
    await cp(join(root, file), join(folder, file));
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const imports = [...inRooms, ...ofPackages, ...inFolders].map(({ path, allowed, forbidden }) => {
    const lines = [...allowed, ...forbidden];
    const text = lines.map((it) => `import "${it}";\n`).join("");
    return { path, text, lines, forbidden };
  });
  const cases = Object.entries(broken).flatMap(([rule, list]) =>
    list.map(([path, text]) => ({ path, text, finding: `${path} ${rule}` })),
  );
  for (const { path, text } of [...imports, ...cases, ...printing]) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const linesOf = new Map(imports.map(({ path, lines }) => [path, lines]));
  const found = (await lint(folder)).map(({ filename, code, line }) => {
    const imported = linesOf.get(filename)?.[line - 1];
    return `${filename} ${imported === undefined ? code : `imports ${imported}`}`;
  });
  const expected = [
    ...imports.flatMap(({ path, forbidden }) => forbidden.map((it) => `${path} imports ${it}`)),
    ...cases.map(({ finding }) => finding),
  ];
  expect(expected.length).toBeGreaterThan(500);
  expect([...new Set(found)].toSorted()).toEqual(expected.toSorted());
});

test("every folder of harness/ is a room of the table", () => {
  const found = readdirSync(join(root, "harness"), { withFileTypes: true });
  const inHarness = found.filter((it) => it.isDirectory()).map(({ name }) => name);
  expect(rooms.map(({ name }) => name).toSorted()).toEqual(inHarness.toSorted());
});

/** No file imports programs and types. Every room may import zod. */
const notImported = ["zod", "knip", "node", "oxfmt", "oxlint", "oxlint-tsgolint", "typescript"];

test("the table names each dependency, with the files that may import it", () => {
  const { dependencies, devDependencies } = z
    .object({
      dependencies: z.record(z.string(), z.string()),
      devDependencies: z.record(z.string(), z.string()),
    })
    .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const homeless = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) =>
      !notImported.includes(name) &&
      !name.startsWith("@types/") &&
      !everyPackage.some((it) => name === it || name.startsWith(`${it}/`)),
  );
  expect(homeless).toEqual([]);
});

/** Runs the linter in a folder and returns its findings. */
async function lint(folder: string) {
  const bin = join(root, "node_modules/oxlint/bin/oxlint");
  const report = await promisify(execFile)(process.execPath, [bin, "-f", "json"], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: { stdout: string }) => error);
  return reportSchema.parse(JSON.parse(report.stdout)).diagnostics.map((it) => ({
    filename: it.filename,
    code: it.code ?? "?",
    line: it.labels[0]?.span.line ?? 0,
  }));
}
