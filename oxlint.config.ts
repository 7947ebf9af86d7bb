import { defineConfig } from "oxlint";
import { importRules } from "./import-rules.ts";

const printing = "Only the command line prints. Other rooms return data.";

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "vitest"],
  // As in .gitignore, which oxlint does not read outside a git checkout.
  ignorePatterns: ["node_modules", "dist", "reports"],
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  categories: { correctness: "error" },
  rules: {
    // In a function with `await using`, a promise that is returned without `await` still runs while
    // the resources are disposed of.
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
    "import/no-cycle": ["error", { ignoreTypes: false }],
    // A scenario destructures its stage, whose functions are bound: `{ conversation, hold }`.
    "typescript/unbound-method": "off",
    // Reports spread titles to cut them by code point, so that they never cut an emoji in half.
    "typescript/no-misused-spread": "off",
    // Express 5 handles the rejection of an async handler.
    "oxc/no-async-endpoint-handlers": "off",
    "unicorn/no-useless-spread": "off",
    "vitest/no-conditional-expect": "off",
    "vitest/require-mock-type-parameters": "off",
    // A test that waits for a condition fails when it times out, without `expect`.
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
      // The watchdog process writes messages to the harness to its standard output.
      files: ["harness/cli/**", "harness/machine/watchdog/watchdog-process.ts", "**/*.test.ts"],
      rules: { "no-console": "off", "no-restricted-properties": "off" },
    },
    {
      // Matchers such as expect.any have the type `any`, and describe blocks are long functions.
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
      // A mistake stays as people write it.
      files: ["reference-app/mistakes/*.ts"],
      rules: { "typescript/no-base-to-string": "off" },
    },
    {
      // The compiler does not check JavaScript.
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
      // The agent is the example from the server's README.
      files: ["examples/npm/agent.js"],
      rules: { "typescript/no-deprecated": "off" },
    },
    {
      // LangGraph types its state and stream as `any`.
      files: ["reference-app/conversation.ts", "reference-app/transcript.ts"],
      rules: {
        "typescript/no-unsafe-argument": "off",
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-member-access": "off",
      },
    },
    ...importRules,
  ],
});
