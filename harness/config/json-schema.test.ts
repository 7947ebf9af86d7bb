import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfiguration } from "./configuration.ts";
import { configurationJsonSchema } from "./json-schema.ts";

const committed = `${import.meta.dirname}/configuration.schema.json`;
const schema = configurationJsonSchema();
const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(schema);

// `npm run schema` updates the file.
test("the committed JSON Schema is up to date", async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(committed);
});

interface Field {
  readonly description?: string;
  readonly default?: unknown;
  readonly $ref?: string;
}

/** Every field at any depth, with its path in the schema. */
function fieldsIn(it: unknown, at = ""): [string, Field][] {
  if (typeof it !== "object" || it === null) return [];
  return Object.entries(it).flatMap(([name, value]) => {
    const own = name === "properties" && !at.endsWith("/properties");
    const fields = own ? Object.entries(value as Record<string, Field>) : [];
    return [
      ...fields.map(([field, of]): [string, Field] => [`${at}/${field}`, of]),
      ...fieldsIn(value, `${at}/${name}`),
    ];
  });
}

/** The description that an editor shows: that of the field, or of its reference. */
function described(field: Field): Field {
  const target = /^#\/\$defs\/(.*)$/.exec(field.$ref ?? "")?.[1];
  const { $defs } = schema as { $defs: Readonly<Record<string, Field>> };
  const there = target === undefined ? undefined : $defs[target];
  return there === undefined ? field : { ...described(there), ...field };
}

describe("the description of a field", () => {
  const fields = fieldsIn(schema).map(([at, it]) => ({ at, ...described(it) }));

  test("states its purpose", () => {
    expect(fields.length).toBeGreaterThan(150);
    const silent = fields.filter(({ description = "" }) => !/^\S.{8,}[^ ]$/.test(description));
    expect(silent.map(({ at }) => at)).toEqual([]);
  });

  test("states the unit of a time", () => {
    const times = fields.filter(({ at }) => at.endsWith("Ms"));
    expect(times.length).toBeGreaterThan(5);
    const without = times.filter(({ description }) => !/\bmilliseconds\b/.test(description ?? ""));
    expect(without.map(({ at }) => at)).toEqual([]);
  });

  test("states the default", () => {
    const usual = fields.filter((it) => it.default !== undefined);
    const some = usual.filter((it) => JSON.stringify(it.default) !== "{}");
    expect(some.length).toBeGreaterThan(30);
    const without = some.filter(({ description }) => !/ Default: .+\.$/.test(description ?? ""));
    expect(without.map(({ at }) => at)).toEqual([]);
    const { description } = fields.find(({ at }) => at.endsWith("/turnTimeoutMs")) ?? {};
    expect(description).toMatch(/ milliseconds.* Default: 15000\.$/);
  });

  test("is missing in the result if a field has none", () => {
    const wrong = { properties: { one: { type: "string" }, properties: { description: "x" } } };
    expect(fieldsIn(wrong).map(([at]) => at)).toEqual(["/one", "/properties"]);
  });
});

const least = `
targets:
  mine:
    kind: command
    start: node service.js
    ready: { get: /ready }
    say: { post: /say, json: { text: "\${message}" }, reply: $.reply }
`;

const most = `
$schema: ./schema.json
scenarios: [my-scenarios]
allow: [staging.example.test]
targets:
  chat:
    kind: command
    start: node service.js
    build: npm run build
    env: { PORT: "\${port}", TOKEN: "\${env:TOKEN:-none}" }
    ready: { get: /ready, status: [200, 204], body: { path: $.ok, is: true } }
    thread: { post: /threads, id: { header: x-thread } }
    login:
      - { post: /login, form: { user: "\${user}" }, capture: { token: $.token } }
    say:
      post: /chat
      json: { nested: [1, null, { deep: "\${thread}" }] }
      reply: { kind: events, text: [$.delta, $.text], done: [{ data: "[DONE]" }] }
    read: { get: /state, list: [$.a, $.b] }
    retry: same-request-id
    only: [restart]
    promises: { memory: { level: read-your-writes, window: 20 }, growth: { rowsPerTurn: 8 } }
    variants: { old: { env: { A: b }, breaks: { restart: { kind: violated, diagnoses: [amnesia] } } } }
  deployed:
    kind: url
    address: { a: "http://127.0.0.1:1", b: "\${env:B:-http://127.0.0.1:2}" }
    hooks: { kill: "docker kill \${replica}" }
    say: { get: "/?q=\${message}", reply: { kind: text } }
    skip: { table-growth: it takes an hour }
`;

const fromEnvironment = `
targets:
  deployed:
    kind: url
    address: http://127.0.0.1:1
    database: { url: "postgres://127.0.0.1/x", test: "\${env:T:-true}" }
    ready: { get: /ready, status: ["\${env:S:-204}"], withinMs: "\${env:W:-2000}" }
    wires: { model: "\${env:P:-4010}" }
    say: { get: "/?q=\${message}", reply: { kind: text } }
    retry: "\${env:R:-none}"
    promises: { memory: { window: "\${env:M:-20}" } }
`;

describe("editors and the program agree", () => {
  test.each([
    ["a minimal one", least],
    ["nearly all fields", most],
    ["numbers, enums and true from the environment", fromEnvironment],
  ])("on a valid configuration: %s", (_, yaml) => {
    const value: unknown = parse(yaml);
    expect(() => parseConfiguration(value, "my.yaml")).not.toThrow();
    expect([validate(value), validate.errors]).toEqual([true, null]);
  });

  test.each([
    ["an unknown field", "start:", "strat:"],
    ["an unknown kind", "kind: command", "kind: comand"],
    ["a string instead of a request", "{ get: /ready }", "/ready"],
    ["a request without a method", "{ get: /ready }", "{ status: 200 }"],
    ["a request with two methods", "{ get: /ready }", "{ get: /ready, post: /ready }"],
    ["a number instead of a string", "node service.js", "7"],
    ["an invalid path", "$.reply", "reply"],
    ["an unknown kind of reply", "$.reply", "{ kind: socket }"],
    ["no reply", ", reply: $.reply", ""],
  ])("on an invalid configuration: %s", (_, right, wrong) => {
    const value: unknown = parse(least.replace(right, wrong));
    expect(least).toContain(right);
    expect(() => parseConfiguration(value, "my.yaml")).toThrow(/^my\.yaml: targets\.mine/);
    expect(validate(value)).toBe(false);
  });
});
