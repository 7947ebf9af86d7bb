import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { allScenarios, kindsOf, loadConfiguration, loadScenarios } from "./load.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "catalogue-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const save = (name: string, text: string) => writeFileSync(join(folder, name), text);
const scenario = (claim: string, rank: number) =>
  `export default { claim: "${claim}", rank: ${rank}, needs: [], checks: [], run() {} };`;

describe("scenarios", () => {
  test("each file is a scenario with the name of the file", async () => {
    save("it-survives.js", scenario("it survives", 2));
    save("it-starts.ts", scenario("it starts", 2));
    save("it-matters.js", scenario("it matters", 1));
    const found = await loadScenarios(folder);
    expect(found.map((it) => [it.name, it.definition.claim])).toEqual([
      ["it-matters", "it matters"],
      ["it-starts", "it starts"],
      ["it-survives", "it survives"],
    ]);
  });

  test("tests, types and other files are not scenarios", async () => {
    save("one.js", scenario("one", 1));
    for (const name of ["one.test.js", "one.d.ts", "README.md", "data.json"]) save(name, "}");
    expect((await loadScenarios(folder)).map((it) => it.name)).toEqual(["one"]);
  });

  test("the error for a file without a scenario names the file and the missing parts", async () => {
    save("none.js", "export default { claim: 7, needs: ['kil'], run() {}, checks: [{}] };");
    await expect(loadScenarios(folder)).rejects.toThrow(
      `none.js does not export a scenario: export default scenario({ claim, … })
  claim: found 7; expected a string: "7"
  needs.0: found "kil" (did you mean "kill"?); expected "replicas", "kill", `,
    );
  });
});

describe("a configuration", () => {
  const valid = "export default { targets: {} };";
  const other = () => loadConfiguration(folder, null, "/no/such/folder");

  test("it is the file of the folder, with any of the extensions", async () => {
    save("threadproof.config.mjs", valid);
    expect(await other()).toMatchObject({
      file: join(folder, "threadproof.config.mjs"),
      folder,
      configuration: { targets: {}, scenarios: [], allow: [] },
      secrets: [],
    });
  });

  test("if the folder has none, it is that of the other folder", async () => {
    save("threadproof.config.js", valid);
    const found = await loadConfiguration(tmpdir(), null, folder);
    expect(found.folder).toBe(folder);
  });

  test("a file given by name takes precedence", async () => {
    save("threadproof.config.js", valid);
    save("mine.js", valid);
    const { file } = await loadConfiguration(folder, "mine.js", folder);
    expect(file).toBe(join(folder, "mine.js"));
    await expect(loadConfiguration(folder, "yours.js", folder)).rejects.toThrow(
      `there is no yours.js in ${folder}`,
    );
  });

  test("the error for a missing one names the file to write", async () => {
    await expect(other()).rejects.toThrow(`there is no threadproof.config.ts in ${folder}`);
  });

  test("the error for a mistake names the file and the place", async () => {
    save("threadproof.config.js", "export default { targets: { mine: { kind: 'command' } } };");
    await expect(other()).rejects.toThrow("threadproof.config.js: targets.mine.start: missing");
  });

  test("a file without a default export is an error", async () => {
    save("threadproof.config.js", "export const targets = {};");
    await expect(other()).rejects.toThrow(
      "threadproof.config.js has no default export: export default defineConfig({ targets: … })",
    );
  });

  test.each([
    ["threadproof.config.yaml", "targets: {}\nallow: [example.test]\n"],
    ["threadproof.config.yml", "allow:\n  - example.test\ntargets: {}\n"],
    ["threadproof.config.json", '{\n\t"targets": {},\n\t"allow": ["example.test"]\n}\n'],
  ])("it may be YAML or JSON: %s", async (name, text) => {
    save(name, text);
    const { configuration, file } = await other();
    expect(configuration.allow).toEqual(["example.test"]);
    expect(file).toBe(join(folder, name));
  });

  test("two configurations in one folder are an error", async () => {
    save("threadproof.config.js", valid);
    save("threadproof.config.yaml", "targets: {}");
    await expect(other()).rejects.toThrow(
      `${folder} has threadproof.config.js and threadproof.config.yaml: keep one, or select one`,
    );
    const { file } = await loadConfiguration(folder, "threadproof.config.yaml", folder);
    expect(file).toBe(join(folder, "threadproof.config.yaml"));
  });

  test.each([
    ["targets: [1", "threadproof.config.yaml:1: Flow sequence"],
    ["targets: {}\ntargets: {}", "threadproof.config.yaml:2: Map keys must be unique"],
    ["a: { b: ${thread} }", 'needs quotes: { thread: "${thread}" }'],
    [
      "targets: { a: ${b}, c: ${d} }",
      /^threadproof.config.yaml:1: [^\n]*\ninside \{ \} a string with \$\{names\} needs quotes/,
    ],
    ["", "threadproof.config.yaml: (root): missing; expected an object with $schema, targets"],
    ["targets: *gone", "threadproof.config.yaml: Unresolved alias"],
  ])("the error for invalid YAML names the line: %j", async (text, sentence) => {
    save("threadproof.config.yaml", text);
    await expect(other()).rejects.toThrow(sentence);
  });

  test.each([
    ["threadproof.config.json", '{ // mine\n"targets": {} }', "is not JSON: Expected "],
    ["threadproof.config.json", '{ "targets": {}, }', "rename it to .yaml"],
  ])("invalid JSON is an error: %s %j", async (name, text, sentence) => {
    save(name, text);
    await expect(other()).rejects.toThrow(sentence);
  });

  test("values from the environment, and values named as a secret, are secrets", async () => {
    vi.stubEnv("CATALOGUE_TOKEN", "from-the-environment");
    onTestFinished(() => void vi.unstubAllEnvs());
    save(
      "threadproof.config.yaml",
      `targets:
  mine:
    kind: command
    start: serve \${env:CATALOGUE_TOKEN} \${env:CATALOGUE_PLACE:-in-the-default}
    env: { API_KEY: in-the-file, PORT: "\${port}" }
    ready: { get: / }
    say: { post: /, reply: $.reply }`,
    );
    const { configuration, secrets } = await other();
    expect(configuration.targets["mine"]).toMatchObject({
      start: "serve from-the-environment in-the-default",
    });
    expect(secrets).toEqual(["from-the-environment", "in-the-file"]);
  });

  test("the error for another file type lists the allowed extensions", async () => {
    save("mine.toml", "");
    await expect(loadConfiguration(folder, "mine.toml", folder)).rejects.toThrow(
      "mine.toml cannot be loaded: a configuration ends with one of .ts, .js, .mjs, .yaml, .yml, ",
    );
  });
});

describe("a user's own scenarios", () => {
  const target = (judged: string) => `
targets:
  mine:
    kind: command
    start: serve
    ready: { get: / }
    say: { post: /, reply: $.reply }
    ${judged}
scenarios: [mine]`;
  const all = async (judged = "") => {
    save("threadproof.config.yaml", target(judged));
    const ours = join(folder, "ours");
    return allScenarios(ours, await loadConfiguration(folder, null, folder));
  };

  beforeEach(() => {
    mkdirSync(join(folder, "ours"));
    save("ours/restart.js", scenario("a restart", 3));
    save("ours/kill.js", scenario("a kill", 1));
  });

  test("are sorted among the built-in ones by rank; those without a rank come last", async () => {
    mkdirSync(join(folder, "mine"));
    save("mine/double.js", scenario("it is double", 2));
    save("mine/late.js", scenario("it is late", 2).replace("rank: 2,", ""));
    const names = (await all("only: [double]")).map((it) => it.name);
    expect(names).toEqual(["kill", "double", "restart", "late"]);
  });

  test.each([
    [{}, "", "threadproof.config.yaml:9: scenarios.0: there is no folder mine in "],
    [{ "README.md": "" }, "", "9: scenarios.0: mine has no scenario: no file that ends with .ts"],
    [{ "kill.js": scenario("mine", 1) }, "", '9: scenarios.0: mine has a second scenario "kill"'],
    [
      { "own.js": scenario("own", 1) },
      "only: [own, kil]",
      'threadproof.config.yaml:8: targets.mine.only.1: no scenario "kil" (did you mean "kill"?); ' +
        "scenarios: kill, restart, own",
    ],
    [
      { "own.js": scenario("own", 1) },
      "skip: { restrat: slow }",
      '8: targets.mine.skip.restrat: no scenario "restrat" (did you mean "restart"?)',
    ],
    [
      { "own.js": scenario("own", 1) },
      "envIn: { restrat: { MODEL_MS: '100' } }",
      '8: targets.mine.envIn.restrat: no scenario "restrat" (did you mean "restart"?)',
    ],
    [
      { "own.js": scenario("own", 1) },
      "variants: { v: { breaks: { owns: { kind: holds } } } }",
      '8: targets.mine.variants.v.breaks.owns: no scenario "owns" (did you mean "own"?)',
    ],
  ])("with a mistake are an error that names the line: %j", async (files, judged, sentence) => {
    if (Object.keys(files).length > 0) mkdirSync(join(folder, "mine"));
    for (const [name, text] of Object.entries(files)) save(`mine/${name}`, text);
    await expect(all(judged)).rejects.toThrow(sentence);
  });
});

describe("the diagnoses that a configuration names", () => {
  const config = (breaks: string) => `targets:
  mine:
    kind: url
    address: http://127.0.0.1:1
    say: { post: /chat, json: { thread: "${"${thread}"}", text: "${"${message}"}" }, reply: $.reply }
    breaks:
      restart: ${breaks}
`;
  const load = async (breaks: string) => {
    save("threadproof.config.yaml", config(breaks));
    return allScenarios(folder, await loadConfiguration(folder, null, folder));
  };

  test("are those of the table; the error for an unknown one names its place", async () => {
    save("restart.js", scenario("it survives", 1));
    await load("{ kind: violated, diagnoses: [amnesia] }");
    const wrong = load("{ kind: violated, diagnoses: [amnesia], perhaps: [splitbrain] }");
    await expect(wrong).rejects.toThrow(
      'threadproof.config.yaml:7: targets.mine.breaks.restart.perhaps.0: no diagnosis "splitbrain" ' +
        '(did you mean "split-brain"?)',
    );
    await expect(load("{ kind: violated, diagnoses: [flux] }")).rejects.toThrow(
      'no diagnosis "flux"; docs/diagnoses.md lists them',
    );
  });

  test("may be declared by a checker of a scenario", async () => {
    const checker = '{ name: "mine", needs: [], finds: ["too-chatty"], judge() {} }';
    const text = scenario("it is brief", 1).replace("checks: []", `checks: [${checker}]`);
    save("restart.js", text);
    const scenarios = await load("{ kind: violated, diagnoses: [too-chatty] }");
    expect(kindsOf(scenarios)).toContain("too-chatty");
  });
});
