import { describe, expect, test } from "vitest";
import { violated } from "../checkers/expectation.ts";
import { capabilitiesOf } from "./lacking.ts";
import {
  command,
  commandOf,
  defineConfig,
  parseConfiguration,
  type CommandInput,
  variedBy,
  withEnvironment,
} from "./configuration.ts";
import { fill, fillText } from "./template.ts";
import { methodAndPath } from "./request.ts";

/** The minimal description of a service. */
const least = command({
  start: "node service.js",
  ready: { get: "/ready" },
  say: { post: "/say", json: { text: "${message}" }, reply: "$.reply" },
});

const parse = (...given: unknown[]) =>
  parseConfiguration({ targets: Object.assign({}, ...given.map((it) => ({ mine: it }))) }, "my.ts");

/** Parses a target with some fields replaced. */
const having = (fields: object) => () => parse({ ...least, ...fields });

function parsed(fields: Partial<CommandInput> = {}) {
  const { mine } = parse({ ...least, ...fields }).targets;
  if (mine === undefined) throw new Error("the target is gone");
  return commandOf(mine);
}

describe("a configuration", () => {
  test("a minimal description gets the documented defaults", () => {
    expect(parsed()).toMatchObject({
      env: {},
      ready: { status: 200, withinMs: 20_000, headers: {} },
      refusals: [400, 401, 403, 404, 409],
      retry: "resend",
      turnTimeoutMs: 15_000,
      tools: [],
      promises: {
        memory: { level: "linearizable", window: null },
        concurrency: "none",
        recoveryMs: 2_000,
        answerMs: 10_000,
        drainMs: 10_000,
        growth: { bytes: "linear", bytesPerTurn: null, rowsPerTurn: null },
      },
      breaks: {},
      variants: {},
    });
  });

  test("the parser accepts the result of defineConfig", () => {
    const breaks = { restart: violated("remembers-everything", ["amnesia"]) };
    const variants = { memory: { about: "in memory", env: { STORE: "memory" }, breaks } };
    const { targets } = parseConfiguration(
      defineConfig({ targets: { mine: command({ ...least, variants }) } }),
      "my.ts",
    );
    expect(targets["mine"]?.variants).toEqual(variants);
  });

  test.each([
    [
      "an unknown field",
      { strat: "x" },
      /^my\.ts: targets\.mine\.strat: unknown field \(did you mean "start"\?\); allowed: kind, folder, /,
    ],
    [
      "a missing string",
      { start: undefined },
      "my.ts: targets.mine.start: missing; expected a string",
    ],
    [
      "an unknown value of an enum",
      { retry: "twice" },
      'my.ts: targets.mine.retry: found "twice"; expected "same-request-id", "resend", "wait", "none"',
    ],
    [
      "a request without a method",
      { say: { json: {}, reply: "$.reply" } },
      "my.ts: targets.mine.say: found an object with json, reply; needs exactly one of get, post, put, patch, delete, with a path",
    ],
    [
      "a request with two methods",
      { ready: { get: "/a", post: "/b" } },
      "my.ts: targets.mine.ready: found an object with get, post; needs exactly one of get, post, put, patch, delete, with a path",
    ],
    [
      "an invalid reply path",
      { say: { post: "/say", reply: "reply" } },
      'my.ts: targets.mine.say.reply: found "reply"; a JSON path begins with "$"',
    ],
    [
      "an unknown level",
      { promises: { memory: { level: "L9" } } },
      'my.ts: targets.mine.promises.memory.level: found "L9"; expected "integrity", "no-lost-turns", "one-history", "monotonic-reads", "read-your-writes", "sequential", "linearizable"',
    ],
    [
      "a level by its former name",
      { promises: { memory: { level: "L4" } } },
      'memory.level: found "L4", which is now called "read-your-writes"; expected "integrity", ',
    ],
    [
      "an expectation without its diagnoses",
      { breaks: { restart: { kind: "violated" } } },
      "my.ts: targets.mine.breaks.restart.diagnoses: missing; expected a list, each a string",
    ],
  ])("the message names the place and the expected value: %s", (_, fields, sentence) => {
    expect(having(fields)).toThrow(sentence);
  });

  test("all mistakes are reported at once, one per line", () => {
    const wrong = having({ retry: "twice", tools: "search" });
    expect(wrong).toThrow(/^my\.ts: targets\.mine\.retry: .*\nmy\.ts: targets\.mine\.tools: .*$/);
  });

  test.each([undefined, null, 7, {}])("other values are rejected: %j", (value) => {
    expect(() => parseConfiguration(value, "my.ts")).toThrow(/^my\.ts: (\(root\)|targets): /);
  });
});

test("a variant starts with its own command line and image, if it has them", () => {
  const target = parsed({
    container: { build: { dockerfile: "Dockerfile" }, port: 80 },
    variants: { other: { start: "node other.js", container: { image: "other" } }, same: {} },
  });
  expect(variedBy(target, { name: "other" })).toEqual({
    ...target,
    start: "node other.js",
    container: { ...target.container, image: "other" },
  });
  expect(variedBy(target, { name: "same" })).toEqual(target);
  expect(variedBy(target, null)).toEqual(target);
  expect(having({ variants: { other: { start: "node ${thread}.js" } } })).toThrow(
    /targets\.mine\.variants\.other\.start: /,
  );
});

describe("a value from the environment", () => {
  const around = (environment: Record<string, string>) => ({ lineOf: () => null, environment });
  const asked = {
    ...least,
    ready: { get: "/ready", status: ["${env:STATUS}"], withinMs: "${env:WITHIN}" },
    say: { post: "/say", json: { text: "${env:WITHIN}" }, reply: "$.reply" },
    turnTimeoutMs: "${env:TIMEOUT:-250.5}",
    promises: { memory: { window: "${env:WINDOW}" } },
  };
  const parseIn = (environment: Record<string, string>) =>
    parseConfiguration({ targets: { mine: asked } }, "my.ts", around(environment));

  test("is converted to a number only if the schema expects a number", () => {
    const { mine } = parseIn({ STATUS: "204", WITHIN: "2000", WINDOW: "20" }).targets;
    expect(mine).toMatchObject({
      ready: { status: [204], withinMs: 2_000 },
      say: { json: { text: "2000" } },
      turnTimeoutMs: 250.5,
      promises: { memory: { window: 20 } },
    });
  });

  test.each(["-1", "2.5", "many", "0x10", " 7"])(
    "is shown in messages as it is written: %j",
    (WINDOW) => {
      const wrong = () => parseIn({ STATUS: "204", WITHIN: "2000", WINDOW });
      expect(wrong).toThrow(
        /^my\.ts: targets\.mine\.promises\.memory\.window: found "\$\{env:WINDOW\}"; expected a/,
      );
    },
  );

  test("is not a secret if it is a number", () => {
    const written = { targets: { mine: { ...asked, start: "serve ${env:TOKEN}" } } };
    const given = { STATUS: "204", WITHIN: "200000", WINDOW: "20", TOKEN: "canary-1" };
    const { say: _, ...silent } = written.targets.mine;
    expect(withEnvironment({ targets: { mine: silent } }, given).secrets).toEqual(["canary-1"]);
    // As a string it may be one.
    expect(withEnvironment(written, given).secrets).toContain("200000");
  });
});

describe("a template", () => {
  const names = { thread: 7, message: 'say "hi"\n', user: "u1", gone: undefined, nothing: null };

  test("a value that consists of one name keeps the type of the named value", () => {
    const filled = fill({ id: "${thread}", text: "${message}", none: "${nothing}" }, names);
    expect(filled).toEqual({ id: 7, text: 'say "hi"\n', none: null });
  });

  test("a name inside a string becomes text", () => {
    expect(fill("thread ${thread} of ${user}", names)).toBe("thread 7 of u1");
  });

  test("a field whose value is undefined is removed, at any depth", () => {
    const filled = fill({ a: "${gone}", b: [{ c: "${gone}", d: "${user}" }] }, names);
    expect(filled).toStrictEqual({ b: [{ d: "u1" }] });
  });

  test("values that are not strings stay unchanged", () => {
    const value = { n: 1, yes: true, nothing: null, list: [1, "x"] };
    expect(fill(value, names)).toEqual(value);
  });

  test("the message about an unknown name lists the known ones", () => {
    const sentence =
      'unknown variable ${thred} in "/t/${thred}"; allowed: ${thread}, ${message}, ${user}';
    expect(() => fillText("/t/${thred}", names)).toThrow(sentence);
    expect(() => fill({ id: ["${thred}"] }, names)).toThrow("${thred}");
  });

  test("names inside a filled value are not filled", () => {
    expect(fillText("${message}", { message: "${secret}" })).toBe("${secret}");
  });
});

test.each(["get", "post", "put", "patch", "delete"])(
  "methodAndPath returns the method and the path: %s",
  (it) => {
    const request = { [it]: "/path", headers: {} };
    expect(methodAndPath(request)).toEqual({ method: it.toUpperCase(), path: "/path" });
  },
);

test("the capabilities of a target follow from its description", () => {
  const always = ["replicas", "kill", "terminate", "pause", "clock", "boot"];
  expect(capabilitiesOf(parsed({ retry: "none" }))).toEqual(always);
  const request = { get: "/t/${thread}" };
  const all = parsed({
    env: { MODEL: "${model}/v1", TOOLS: "${tools}", DB: "${database}" },
    read: { ...request, list: "$" },
    delete: request,
    tools: ["search"],
  });
  const more = [
    "model",
    "model-hold",
    "tools",
    "database",
    "database-cut",
    "database-refuse",
    "statements",
    "database-restart",
    "survey",
    "state",
    "delete",
    "retry",
  ];
  expect(capabilitiesOf(all)).toEqual([...always, ...more]);
  expect(capabilitiesOf({ ...all, tools: [] })).not.toContain("tools");
  expect(capabilitiesOf({ ...all, databaseTls: "pass" })).not.toContain("statements");
  expect(capabilitiesOf({ ...all, start: "uvicorn app:app" })).not.toContain("clock");
});
