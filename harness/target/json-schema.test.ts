import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfiguration } from "./configuration.ts";
import { configurationJsonSchema } from "./json-schema.ts";

const committed = `${import.meta.dirname}/configuration.schema.json`;
const schema = configurationJsonSchema();
const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(schema);

// `npm run schema` writes it again.
test("the committed schema is that of the configuration", async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(committed);
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
    promises: { memory: { level: L4, window: 20 }, growth: { rowsPerTurn: 8 } }
    variants: { old: { env: { A: b }, breaks: { restart: { kind: violated, diagnoses: [amnesia] } } } }
  deployed:
    kind: url
    address: { a: "http://127.0.0.1:1", b: "\${env:B:-http://127.0.0.1:2}" }
    hooks: { kill: "docker kill \${replica}" }
    say: { get: "/?q=\${message}", reply: { kind: text } }
    skip: { table-growth: it takes an hour }
`;

describe("editors and the program agree", () => {
  test.each([
    ["the least", least],
    ["nearly everything", most],
  ])("on what is right: %s", (_, yaml) => {
    const value: unknown = parse(yaml);
    expect(() => parseConfiguration(value, "my.yaml")).not.toThrow();
    expect([validate(value), validate.errors]).toEqual([true, null]);
  });

  test.each([
    ["a field that there is none", "start:", "strat:"],
    ["a kind that there is none", "kind: command", "kind: comand"],
    ["a text where a request is needed", "{ get: /ready }", "/ready"],
    ["a request without a method", "{ get: /ready }", "{ status: 200 }"],
    ["a request with two methods", "{ get: /ready }", "{ get: /ready, post: /ready }"],
    ["a number where a text is needed", "node service.js", "7"],
    ["a path that is none", "$.reply", "reply"],
    ["a way to reply that there is none", "$.reply", "{ kind: socket }"],
    ["no way to reply", ", reply: $.reply", ""],
  ])("on what is wrong: %s", (_, right, wrong) => {
    const value: unknown = parse(least.replace(right, wrong));
    expect(least).toContain(right);
    expect(() => parseConfiguration(value, "my.yaml")).toThrow(/^my\.yaml: targets\.mine/);
    expect(validate(value)).toBe(false);
  });
});
