/**
 * The conventions of this repository that the linter cannot check. Each rule about texts has a text
 * that breaks it, so that a rule that finds nothing fails as well.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { alwaysJudged } from "../harness/checkers/always-judged.ts";
import { loadConfiguration, loadScenarios } from "../harness/engine/load.ts";

const root = dirname(import.meta.dirname);
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
});
const files = tracked.split("\n").filter((file) => file !== "" && existsSync(`${root}/${file}`));

/** The lines that match `pattern`, with their numbers. */
function matches(pattern: RegExp): (text: string) => string[] {
  return (text) => {
    const lines = text.split("\n");
    return lines.flatMap((line, i) => (pattern.test(line) ? [`${i + 1}: ${line.trim()}`] : []));
  };
}

interface TextRule {
  readonly claim: string;
  readonly in: RegExp;
  readonly except?: RegExp;
  readonly finds: (text: string, file: string) => string[];
  /** A text that breaks it. */
  readonly bad: string;
}

const code = /\.(ts|js)$/;
const clock = /\b(Date\.now|performance\.now|new Date|Date\()/;
// Written in two parts, so that this file follows its own rules.
const laterWords = ["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|");
const slash = "/";

const textRules: TextRule[] = [
  {
    claim: "all randomness comes from the seed of the run",
    in: /^(harness|scenarios|reference-app)\/.*\.ts$/,
    finds: matches(/\bMath\.random\b/),
    bad: "const victim = replicas[Math.random() > 0.5 ? 0 : 1];",
  },
  {
    claim: "a verdict reads no clock",
    in: /^harness\/(checkers\/.*|history\/history)\.ts$/,
    except: /\.test\.ts$/,
    finds: matches(clock),
    bad: "const late = Date.now() - begin > 5_000;",
  },
  {
    claim: "a scenario waits for a fact, never for a time",
    in: /^scenarios\/.*\.ts$/,
    finds: matches(/\b(sleep|delay|setTimeout|setInterval|timers|AbortSignal\.timeout)\b/),
    bad: "await sleep(3_000); // let it reach book",
  },
  {
    claim: "a scenario has at most 45 lines",
    in: /^scenarios\/.*\.ts$/,
    except: /\.test\.ts$/,
    finds: (text) => {
      const lines = text.trimEnd().split("\n").length;
      return lines > 45 ? [`${lines} lines`] : [];
    },
    bad: "\n".repeat(45) + "export default 1;",
  },
  {
    claim: "open work is an issue, not a comment",
    in: /./,
    finds: matches(new RegExp(`\\b(${laterWords})\\b`)),
    bad: `// ${laterWords.slice(0, 4)}: heal it`,
  },
  {
    claim: "no test is skipped or retried",
    in: /\.test\.ts$|^vitest\.config\.ts$/,
    finds: matches(/\b(test|it|describe)\.(skip|only|todo|fails)\b|\bretry: *[1-9]/),
    bad: 'test.only("a turn", { retry: 2 }, () => {});',
  },
  {
    claim: "no file contains a path of a machine or the name of a registry host",
    in: /./,
    finds: matches(/(^|[\s"'`(=:])\/(work|root|home|Users)\/|\bregistry\.[\w-]+\.\w|npmmirror/),
    bad: `const log = "${slash}home${slash}ann${slash}run.log";`,
  },
  {
    claim: "a comment has at most 100 columns, like the code",
    in: code,
    finds: matches(/^(?=\s*(\/\/|\/?\*)).{101}/),
    bad: `  // ${"why ".repeat(30)}`,
  },
  {
    claim: "toMatchObject gets no regular expression: vitest 5 accepts any text for it",
    in: /\.test\.ts$/,
    finds: (text) =>
      argumentsOf(text, "toMatchObject").filter((it) =>
        /[:[,(]\s*\/[^/*]/.test(it.replaceAll(/\.stringMatching\(\s*\//g, "")),
      ),
    bad: 'expect(verdict).toMatchObject({ kind: "violated", because: /^turn 3/ });',
  },
  {
    claim: "a fault records how to create it again, so that a replay can inject it",
    in: /^harness\/faults\/.*\.ts$/,
    except: /\.test\.ts$/,
    finds: (text) =>
      [...text.matchAll(/^export function (\w+)\(.*\): Fault(<\w+>)? \{$/gm)]
        .map(([, name = ""]) => name)
        .filter((name) => !text.includes(`{ by: "${name}", from: `)),
    bad: "export function kill(replica: Replica): Fault {",
  },
  {
    claim: "a file has the name of its subject, and no general name",
    in: code,
    finds: (_, file) =>
      /(^|[-/])(utils?|helpers?|common|managers?|base|misc|index)\.(test\.)?\w+$/.test(file)
        ? [basename(file)]
        : [],
    bad: "harness/utils.ts",
  },
];

/** The arguments of each call of the method `name`, as text. */
function argumentsOf(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`\\.${name}\\(`, "g"))].map(({ index, 0: call }) => {
    let open = 1;
    let end = index + call.length;
    for (; open > 0 && end < text.length; end += 1) {
      if (text[end] === "(") open += 1;
      if (text[end] === ")") open -= 1;
    }
    return text.slice(index + call.length - 1, end);
  });
}

describe.each(textRules)("$claim", (rule) => {
  const own = files.filter((file) => rule.in.test(file) && rule.except?.test(file) !== true);

  test("every file follows the rule", () => {
    expect(own.length).toBeGreaterThan(0);
    const found = own.flatMap((file) => {
      // The examples of this file break its rules.
      if (file === "test/tidy.test.ts") return [];
      return rule.finds(readFileSync(`${root}/${file}`, "utf8"), file).map((it) => `${file} ${it}`);
    });
    expect(found).toEqual([]);
  });

  test("the rule finds a bad example", () => {
    expect(rule.finds(rule.bad, rule.bad)).not.toEqual([]);
  });
});

const scenarios = await loadScenarios(`${root}/scenarios`);
const { configuration } = await loadConfiguration(root, null, root);
const targets = Object.values(configuration.targets);
const variants = targets.flatMap((target) => Object.entries(target.variants));

describe("scenarios", () => {
  test.each(scenarios)("$name holds on a plain target, and a variant breaks it", ({ name }) => {
    expect(targets.filter((target) => name in target.breaks)).toEqual([]);
    const controls = variants.filter(([, variant]) => variant.breaks[name]?.kind === "violated");
    expect(controls.map(([variant]) => variant)).not.toEqual([]);
  });

  test.each(scenarios)("the claim of $name is one line", ({ definition: { claim } }) => {
    expect(claim).toMatch(/^[a-z].{10,108}[^.!?\s]$/);
  });

  test("each variant breaks an existing scenario, which has the expected checker", () => {
    const wrong = variants.flatMap(([variant, { breaks }]) =>
      Object.entries(breaks).flatMap(([name, expected]) => {
        const scenario = scenarios.find((it) => it.name === name);
        if (scenario === undefined) return [`${variant} breaks ${name}, which does not exist`];
        const checkers = [...scenario.definition.checks, ...alwaysJudged].map((it) => it.name);
        const known =
          expected.kind === "holds" || expected.checker === null
            ? true
            : checkers.includes(expected.checker);
        return known ? [] : [`${variant}: ${name} does not have the expected checker`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test.each(scenarios)("$name has a rank, so that reports list the worst first", (it) => {
    expect(it.definition.rank).toBeGreaterThan(0);
  });
});

test("each mistake belongs to one variant, and each variant to one mistake", () => {
  const others = ["catalogue", "main", "mistake"];
  const inFolder = files
    .flatMap((it) => /^reference-app\/mistakes\/([\w-]+)\.ts$/.exec(it)?.[1] ?? [])
    .filter((it) => !others.includes(it));
  const inConfiguration = variants.flatMap(([, { env }]) => env["MISTAKE"] ?? []);
  expect(inConfiguration.toSorted()).toEqual(inFolder.toSorted());
  expect(variants.map(([name]) => name)).toEqual(inConfiguration);
});

/** The values that a module of this repository exports. */
async function valuesOf(file: string): Promise<unknown[]> {
  const module: object = await import(`../${file}`);
  return Object.values(module);
}

describe("checkers", () => {
  const modules = files.filter((it) => /^harness\/checkers\/[\w-]+(?<!\.test)\.ts$/.test(it));
  const judges = (it: unknown): it is { name: string } =>
    typeof it === "object" && it !== null && "judge" in it;

  test("each checker is the only export of a file with its name", async () => {
    const found = await Promise.all(
      modules.map(async (file) => {
        const values = await valuesOf(file);
        return values.some(judges) ? [{ name: basename(file, ".ts"), values }] : [];
      }),
    );
    const checkers = found.flat();
    expect(checkers.length).toBeGreaterThan(10);
    for (const { name, values } of checkers) {
      expect(values).toEqual([expect.objectContaining({ name, judge: expect.any(Function) })]);
    }
  });
});

describe("the listing", () => {
  const product = files.filter((it) =>
    /^(harness|scenarios|reference-app|bench)\/.*(?<!\.test|\.bench)\.ts$/.test(it),
  );

  test("harness/ has one loose file: the face of the package", () => {
    const loose = files.filter((it) => /^harness\/[^/]+$/.test(it));
    expect(loose).toEqual(["harness/threadproof.ts"]);
  });

  test("product folders contain no test support", () => {
    const support = files.filter((it) => /test-support|\/(fixtures?|mocks?|testing)\//.test(it));
    expect(support.filter((it) => !it.startsWith("test/"))).toEqual([]);
    expect(
      product.filter((it) => importsOf(it).some((from) => /\/test\/|^vitest/.test(from))),
    ).toEqual([]);
  });

  /** Base names that may occur twice, with reasons. */
  const twice = {
    ...Object.fromEntries(
      ["clock", "conversation", "database", "main", "settings", "threads"].map((it) => [
        it,
        "a team reads the reference app alone, without harness/",
      ]),
    ),
    transcript: "a team reads the reference app alone, without harness/",
    "fail-open": "a mistake has the name of the scenario that finds it",
  };

  test("a base name occurs once among product files, with listed exceptions", () => {
    const groups = Object.groupBy(product, (it) => basename(it, ".ts"));
    const found = Object.entries(groups).flatMap(([name, list = []]) =>
      list.length > 1 ? [`${name}: ${list.join(", ")}`] : [],
    );
    expect(found.filter((it) => !((it.split(":")[0] ?? "") in twice))).toEqual([]);
    const names = found.map((it) => it.split(":")[0]);
    expect(Object.keys(twice).filter((it) => !names.includes(it))).toEqual([]);
  });

  test("the README has at most 150 lines", () => {
    const lines = readFileSync(`${root}/README.md`, "utf8").trimEnd().split("\n").length;
    expect(lines).toBeLessThanOrEqual(150);
  });
});

/** The modules that a file imports. */
function importsOf(file: string): string[] {
  const text = readFileSync(`${root}/${file}`, "utf8");
  return [...text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)"/gm)].map(([, it = ""]) => it);
}

describe("the command line", () => {
  const bin = `${root}/harness/cli/threadproof.js`;
  const help = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [bin, ...words, "--help"])).stdout;
  const commands = files
    .filter((file) => file.startsWith("harness/cli/") && !file.endsWith(".test.ts"))
    .flatMap((file) => [
      ...readFileSync(`${root}/${file}`, "utf8").matchAll(/new Command\("([\w-]+)"\)/g),
    ])
    .map(([, name = ""]) => (name === "threadproof" ? [] : [name]));

  test.concurrent.each(commands)("the help of each command has examples: %s", async (...words) => {
    expect(commands.length).toBeGreaterThan(2);
    expect(await help(...words)).toMatch(/^Examples:\n {2}threadproof /m);
  });

  test("--help and the page on reports list the same exit codes", async () => {
    const listed = [...(await help()).matchAll(/^ {2}(\d+) {2,}\w/gm)].map(([, it]) => it);
    const page = readFileSync(`${root}/docs/reports.md`, "utf8");
    expect(listed).toEqual(["0", "1", "2", "3", "64", "70", "130"]);
    expect([...page.matchAll(/^\| (\d+) \|/gm)].map(([, it]) => it)).toEqual(listed);
  });
});
