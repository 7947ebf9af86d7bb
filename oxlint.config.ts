import { defineConfig } from "oxlint";
import {
  checkers,
  continuity,
  description,
  folder,
  history,
  part,
  report,
  root,
  scenario,
  service,
  stranger,
  talk,
  verdict,
  type Wall,
} from "./walls.ts";

/** Third-party parts live behind one place each, so that replacing one edits one place. */
const homes: Readonly<Record<string, string>> = {
  "@babel/parser": "The parser of scripts lives behind harness/target/script-document.ts.",
  "@copilotkit/aimock": "The model mock lives behind harness/wires/model.ts.",
  "@langchain": "LangChain belongs to the service under test: the harness sees it from outside.",
  "@balena/dockerignore": "The rules of .dockerignore live behind harness/docker/image.ts.",
  ajv: "The JSON Schema validator checks our reports in tests.",
  ctrf: "The Common Test Report Format lives behind harness/report/ctrf.ts.",
  commander: "The command line's parser lives behind harness/cli/.",
  "eventsource-parser": "Server-sent events live behind harness/talk/stream-reader.ts.",
  esbuild: "The bundler lives behind harness/bundle.ts.",
  express: "Express belongs to the service under test: the harness speaks node:http.",
  "jsonpath-plus": "JSON paths live behind harness/target/source.ts.",
  leven: "Distances of words live behind harness/target/nearest.ts.",
  pg: "Postgres clients live behind harness/postgres/.",
  testcontainers: "Containers live behind harness/docker/ and harness/backends/docker*.ts.",
  tinybench: "Measuring is for harness/bench/.",
  "toxiproxy-node-client": "Toxiproxy's client lives behind harness/wires/toxiproxy.ts.",
  undici: "The HTTP client lives behind harness/talk/wire.ts and harness/wires/ingress.ts.",
  vitest: "vitest is for tests: the engine knows nothing of it.",
  yaml: "YAML lives behind harness/target/yaml-document.ts.",
  "yocto-spinner": "The spinner lives behind harness/report/progress.ts.",
};

// In tests a real client speaks to the wires.
const inTests = ["@langchain", "ajv", "ctrf", "pg", "vitest", "yaml"];

/** A later room replaces an earlier one for the files of both: each says all of its walls. */
function room(files: string[], walls: Wall[], may: string[] = []) {
  const behind = (allowed: readonly string[]) => {
    const elsewhere = Object.entries(homes).filter(([name]) => !allowed.includes(name));
    const thirdParty = elsewhere.map(([name, message]) => ({
      group: [name, `${name}/**`],
      message,
    }));
    const patterns = [...walls, ...thirdParty];
    return { "no-restricted-imports": ["error", { patterns }] as ["error", object] };
  };
  const tests = files.map((it) => it.replace(/\*\.ts$/, "*.test.ts"));
  return [
    { files, rules: behind(may) },
    { files: tests.filter((it) => it.endsWith(".test.ts")), rules: behind([...may, ...inTests]) },
  ];
}

const printing = "Only the command line prints: the engine answers with data.";

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "vitest"],
  // Said here too, because outside of a git checkout .gitignore is not read.
  ignorePatterns: ["node_modules", "dist", "reports"],
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  categories: { correctness: "error" },
  rules: {
    // In a function with `await using`, a promise that is returned without `await` is answered
    // only after everything has been disposed of.
    "typescript/return-await": ["error", "in-try-catch"],
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/await-thenable": "error",
    "typescript/switch-exhaustiveness-check": [
      "error",
      { considerDefaultExhaustiveForUnions: true },
    ],
    "typescript/no-unnecessary-type-assertion": "error",
    "typescript/only-throw-error": "error",
    "typescript/prefer-promise-reject-errors": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-unsafe-argument": "error",
    "typescript/no-unsafe-assignment": "error",
    "typescript/no-unsafe-call": "error",
    "typescript/no-unsafe-member-access": "error",
    "typescript/no-unsafe-return": "error",
    "typescript/no-deprecated": "error",
    "typescript/consistent-type-imports": "error",
    "import/no-cycle": ["error", { ignoreTypes: true }],
    // Functions that a scenario takes from its stage are bound: `{ conversation, hold }`.
    "typescript/unbound-method": "off",
    // By characters is how a title is cut: half an emoji is no text.
    "typescript/no-misused-spread": "off",
    // Express 5 passes the rejection of a handler on.
    "oxc/no-async-endpoint-handlers": "off",
    "unicorn/no-useless-spread": "off",
    "vitest/no-conditional-expect": "off",
    "vitest/require-mock-type-parameters": "off",
    // A test that waits for a fact fails by its time-out.
    "vitest/expect-expect": "off",
    "no-unused-vars": [
      "error",
      { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
    ],
    eqeqeq: ["error", "always", { null: "ignore" }],
    "no-var": "error",
    "prefer-const": "error",
    "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
  },
  overrides: [
    {
      files: ["harness/**/*.ts"],
      rules: {
        "no-console": "error",
        "no-restricted-properties": [
          "error",
          { object: "process", property: "stdout", message: printing },
          { object: "process", property: "stderr", message: printing },
        ],
      },
    },
    {
      // The standard output of the watchdog's process is the pipe to its harness; a stranger is a
      // service.
      files: [
        "harness/cli/**",
        "harness/bench/**",
        "harness/strangers/*/*.ts",
        "harness/watchdog/process.ts",
        "**/*.test.ts",
      ],
      rules: { "no-console": "off", "no-restricted-properties": "off" },
    },
    {
      // Matchers such as expect.any are `any`; a describe block and a table of cases are lists.
      files: ["**/*.test.ts"],
      rules: {
        "typescript/no-misused-promises": "off",
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-member-access": "off",
        "typescript/no-unsafe-return": "off",
        "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
        "max-lines-per-function": "off",
      },
    },
    {
      // A mistake is as people make it.
      files: ["reference-app/mistakes/*.ts"],
      rules: { "typescript/no-base-to-string": "off" },
    },
    {
      // The compiler reads no JavaScript.
      files: ["**/*.js"],
      rules: {
        "typescript/no-unsafe-argument": "off",
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-call": "off",
        "typescript/no-unsafe-member-access": "off",
        "typescript/no-unsafe-return": "off",
      },
    },
    {
      // The agent is the one that the server's own README has.
      files: ["harness/strangers/npm/agent.js"],
      rules: { "typescript/no-deprecated": "off" },
    },
    {
      // LangGraph's state and stream are `any`.
      files: ["reference-app/conversation.ts", "reference-app/transcript.ts"],
      rules: {
        "typescript/no-unsafe-argument": "off",
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-member-access": "off",
      },
    },
    ...room(["*.ts"], [], inTests),
    ...room(["reference-app/*.ts", "reference-app/mistakes/*.ts"], service, [
      "@langchain",
      "express",
      "pg",
    ]),
    ...room(["scenarios/*.ts"], scenario),
    ...room(["harness/*.ts"], root),
    ...room(["harness/*/*.ts"], part),
    ...room(["harness/doctor/target/*.ts"], part.slice(1)),
    ...room(["harness/history.ts"], history),
    ...room(["harness/verdict.ts"], verdict),
    ...room(["harness/talk/*.ts"], talk),
    ...room(["harness/talk/wire.ts"], talk, ["undici"]),
    ...room(["harness/talk/stream-reader.ts"], talk, ["eventsource-parser"]),
    ...room(["harness/target/source.ts"], part, ["jsonpath-plus"]),
    ...room(["harness/target/script-document.ts"], part, ["@babel/parser"]),
    ...room(["harness/target/yaml-document.ts"], part, ["yaml"]),
    ...room(["harness/target/nearest.ts"], part, ["leven"]),
    ...room(["harness/bundle.ts"], root, ["esbuild"]),
    ...room(["harness/checkers/*.ts"], checkers),
    ...room(["harness/checkers/*/*.ts"], continuity),
    ...room(["harness/report/*.ts"], report),
    ...room(["harness/report/ctrf.ts"], report, ["ctrf"]),
    ...room(["harness/report/progress.ts"], report, ["yocto-spinner"]),
    ...room(["harness/postgres/*.ts"], part, ["pg"]),
    ...room(["harness/docker/*.ts", "harness/backends/docker*.ts"], part, [
      "@balena/dockerignore",
      "testcontainers",
    ]),
    ...room(["harness/wires/toxiproxy.ts"], part, ["toxiproxy-node-client"]),
    ...room(["harness/wires/model.ts"], part, ["@copilotkit/aimock"]),
    ...room(["harness/wires/ingress.ts"], part, ["undici"]),
    // As run.ts does for one scenario, it joins the parts for all points of a turn.
    ...room(["harness/sweep/*.ts"], folder),
    ...room(["harness/cli/*.ts"], folder, ["commander"]),
    ...room(["harness/strangers/*.ts"], folder),
    ...room(["harness/strangers/*/*.ts"], stranger, ["pg"]),
    ...room(["harness/strangers/*/threadproof.config.ts"], description),
    ...room(["harness/bench/*.ts"], folder, ["pg", "tinybench", "undici"]),
  ],
});
