import { expect, test } from "vitest";
import { command, parseConfiguration } from "./configuration.ts";
import { promisesInWords } from "./assumed-promises.ts";
import { yamlDocument } from "./yaml-document.ts";

const say = { post: "/say", reply: "$.reply" };
const service = { start: "node service.js", ready: { get: "/ready" }, say };
const none = ["memory.level", "recoveryMs", "answerMs", "drainMs", "growth.bytes"];

test.each<[string, object, readonly string[]]>([
  ["nothing is declared", {}, none],
  ["an empty section declares nothing", { promises: { memory: {}, growth: {} } }, none],
  [
    "some are declared, one of them with the value of the default",
    { promises: { recoveryMs: 2_000, memory: { window: 5 }, growth: { bytes: "quadratic" } } },
    ["memory.level", "answerMs", "drainMs"],
  ],
  [
    "a value that is left undefined is not declared",
    { promises: { answerMs: undefined, drainMs: 500 } },
    ["memory.level", "recoveryMs", "answerMs", "growth.bytes"],
  ],
])("%s", (_, given, assumed) => {
  const targets = { mine: command({ ...service, ...given }) };
  expect(parseConfiguration({ targets }, "my.ts").targets["mine"]?.assumed).toEqual(assumed);
});

test("a file in YAML declares them as a script does", () => {
  const text = `
targets:
  mine:
    kind: command
    start: node service.js
    ready: { get: /ready }
    say: { post: /say, reply: $.reply }
    promises: { answerMs: 500, concurrency: reject, growth: { rowsPerTurn: 3 } }
`;
  const { value } = yamlDocument(text, "my.yaml");
  const { mine } = parseConfiguration(value, "my.yaml").targets;
  expect(mine?.assumed).toEqual(["memory.level", "recoveryMs", "drainMs", "growth.bytes"]);
  expect(mine && promisesInWords(mine.promises, mine.assumed)).toEqual({
    declared: ["concurrency reject", "answerMs 500", "growth.rowsPerTurn 3"],
    assumed: [
      "memory.level linearizable",
      "recoveryMs 2000",
      "drainMs 10000",
      "growth.bytes linear",
    ],
  });
});

test("a configuration cannot set what is assumed", () => {
  const targets = { mine: { ...command(service), assumed: ["answerMs"] } };
  expect(() => parseConfiguration({ targets }, "my.ts")).toThrow("targets.mine.assumed");
});
