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

/** The least that describes a service. */
const least = command({
  start: "node service.js",
  ready: { get: "/ready" },
  say: { post: "/say", json: { text: "${message}" }, reply: "$.reply" },
});

const parse = (...given: unknown[]) =>
  parseConfiguration({ targets: Object.assign({}, ...given.map((it) => ({ mine: it }))) }, "my.ts");

/** A target with some fields replaced, as a stranger may have written it. */
const having = (fields: object) => () => parse({ ...least, ...fields });

function parsed(fields: Partial<CommandInput> = {}) {
  const { mine } = parse({ ...least, ...fields }).targets;
  if (mine === undefined) throw new Error("the target is gone");
  return commandOf(mine);
}

describe("a configuration", () => {
  test("the least that describes a service gets the defaults that the README names", () => {
    expect(parsed()).toMatchObject({
      env: {},
      ready: { status: 200, withinMs: 20_000, headers: {} },
      refusals: [400, 401, 403, 404, 409],
      retry: "resend",
      turnTimeoutMs: 15_000,
      tools: [],
      promises: {
        memory: { level: "linearizable", window: null },
        concurrency: "reject",
        recoveryMs: 2_000,
        answerMs: 10_000,
        drainMs: 10_000,
        growth: { bytes: "linear", bytesPerTurn: null, rowsPerTurn: null },
      },
      breaks: {},
      variants: {},
    });
  });

  test("what defineConfig takes is what the parser believes", () => {
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
      "a field that there is none",
      { strat: "x" },
      /^my\.ts: targets\.mine\.strat: there is no such field here \(did you mean "start"\?\); allowed are kind, folder, /,
    ],
    [
      "a text that is missing",
      { start: undefined },
      "my.ts: targets.mine.start: missing; allowed is a text",
    ],
    [
      "a word that there is none",
      { retry: "twice" },
      'my.ts: targets.mine.retry: found "twice"; allowed is "same-request-id", "resend", "wait", "none"',
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
      "a reply path that is none",
      { say: { post: "/say", reply: "reply" } },
      'my.ts: targets.mine.say.reply: found "reply"; a JSON path begins with "$"',
    ],
    [
      "a level of the ladder that there is none",
      { promises: { memory: { level: "L9" } } },
      'my.ts: targets.mine.promises.memory.level: found "L9"; allowed is "integrity", "no-lost-turns", "one-history", "monotonic-reads", "read-your-writes", "sequential", "linearizable"',
    ],
    [
      "a level by its former name",
      { promises: { memory: { level: "L4" } } },
      'memory.level: found "L4", which is called "read-your-writes" now; allowed is "integrity", ',
    ],
    [
      "an expectation without its diagnoses",
      { breaks: { restart: { kind: "violated" } } },
      "my.ts: targets.mine.breaks.restart.diagnoses: missing; allowed is a list, each a text",
    ],
  ])("names the place and what is allowed: %s", (_, fields, sentence) => {
    expect(having(fields)).toThrow(sentence);
  });

  test("all mistakes are told at once, one a line", () => {
    const wrong = having({ retry: "twice", tools: "search" });
    expect(wrong).toThrow(/^my\.ts: targets\.mine\.retry: .*\nmy\.ts: targets\.mine\.tools: .*$/);
  });

  test.each([undefined, null, 7, {}])("what is no configuration is refused: %j", (value) => {
    expect(() => parseConfiguration(value, "my.ts")).toThrow(/^my\.ts: (the whole|targets): /);
  });
});

test("a variant is started by its own command line and image, if it has any", () => {
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

describe("what comes from the environment", () => {
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

  test("is a number where a number is allowed, and a text where a text is", () => {
    const { mine } = parseIn({ STATUS: "204", WITHIN: "2000", WINDOW: "20" }).targets;
    expect(mine).toMatchObject({
      ready: { status: [204], withinMs: 2_000 },
      say: { json: { text: "2000" } },
      turnTimeoutMs: 250.5,
      promises: { memory: { window: 20 } },
    });
  });

  test.each(["-1", "2.5", "many", "0x10", " 7"])("is told as it is written: %j", (WINDOW) => {
    const wrong = () => parseIn({ STATUS: "204", WITHIN: "2000", WINDOW });
    expect(wrong).toThrow(
      /^my\.ts: targets\.mine\.promises\.memory\.window: found "\$\{env:WINDOW\}"; allowed is a/,
    );
  });

  test("is no secret where it is a number", () => {
    const written = { targets: { mine: { ...asked, start: "serve ${env:TOKEN}" } } };
    const given = { STATUS: "204", WITHIN: "200000", WINDOW: "20", TOKEN: "canary-1" };
    const { say: _, ...silent } = written.targets.mine;
    expect(withEnvironment({ targets: { mine: silent } }, given).secrets).toEqual(["canary-1"]);
    // As a text it may be one.
    expect(withEnvironment(written, given).secrets).toContain("200000");
  });
});

describe("a template", () => {
  const names = { thread: 7, message: 'say "hi"\n', user: "u1", gone: undefined, nothing: null };

  test("a value that is one name keeps the type of what it names", () => {
    const filled = fill({ id: "${thread}", text: "${message}", none: "${nothing}" }, names);
    expect(filled).toEqual({ id: 7, text: 'say "hi"\n', none: null });
  });

  test("a name inside a text becomes text", () => {
    expect(fill("thread ${thread} of ${user}", names)).toBe("thread 7 of u1");
  });

  test("a field whose value is undefined is left out, at any depth", () => {
    const filled = fill({ a: "${gone}", b: [{ c: "${gone}", d: "${user}" }] }, names);
    expect(filled).toStrictEqual({ b: [{ d: "u1" }] });
  });

  test("what is no text stays as it is", () => {
    const value = { n: 1, yes: true, nothing: null, list: [1, "x"] };
    expect(fill(value, names)).toEqual(value);
  });

  test("a name that is not known is told, with those that are", () => {
    const sentence =
      '${thred} in "/t/${thred}" is not known here; there are ${thread}, ${message}, ${user}';
    expect(() => fillText("/t/${thred}", names)).toThrow(sentence);
    expect(() => fill({ id: ["${thred}"] }, names)).toThrow("${thred}");
  });

  test("what a user says is not filled a second time", () => {
    expect(fillText("${message}", { message: "${secret}" })).toBe("${secret}");
  });
});

test.each(["get", "post", "put", "patch", "delete"])(
  "a request is its method and path: %s",
  (it) => {
    const request = { [it]: "/path", headers: {} };
    expect(methodAndPath(request)).toEqual({ method: it.toUpperCase(), path: "/path" });
  },
);

test("a target can do what its description allows", () => {
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
