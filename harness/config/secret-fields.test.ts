import { expect, test } from "vitest";
import { parseConfiguration } from "./configuration.ts";
import { interpolate } from "./environment.ts";
import { secretsOf } from "./secret-fields.ts";

const say = { post: "/say", reply: "$.reply" };
const command = (fields: object) => ({
  kind: "command",
  start: "serve",
  ready: { get: "/" },
  say,
  ...fields,
});
const found = (fields: object): readonly string[] =>
  secretsOf(parseConfiguration({ targets: { mine: command(fields) } }, "test"));

test.each([
  ["a header of every request", { headers: { Authorization: "canary-1" } }],
  ["a header of one request", { say: { ...say, headers: { "X-Api-Key": "canary-1" } } }],
  ["a cookie", { headers: { cookie: "theme=dark; session=canary-1" } }],
  ["the token of a scheme", { headers: { authorization: "Bearer canary-1" } }],
  ["a variable of the service", { env: { STRIPE_SECRET: "canary-1" } }],
  ["a variable of a variant", { variants: { other: { env: { API_TOKEN: "canary-1" } } } }],
  ["a variable of a container", { container: { image: "x", env: { DB_PASSWORD: "canary-1" } } }],
  [
    "a field of a body, at any depth",
    { say: { ...say, json: { user: { password: "canary-1" } } } },
  ],
  ["a field of a form", { login: [{ post: "/login", form: { password: "canary-1" } }] }],
  ["a password in a URL", { env: { DB: "postgres://me:canary-1@127.0.0.1/db" } }],
  ["a percent-encoded password in a URL", { start: "serve http://me:canary%2D1@127.0.0.1" }],
  ["a key in a query", { say: { ...say, post: "/say?api_key=canary-1&x=1" } }],
])("this counts as a secret: %s", (_, fields) => {
  expect(found(fields)).toContain("canary-1");
});

test.each([
  ["a template", { env: { API_KEY: "${model}", AUTH: "x" }, headers: { cookie: "s=${thread}" } }],
  ["a short string", { env: { API_KEY: "x", TOKEN: "12345" } }],
  ["the name of a cookie", { served: { cookie: "served-by-cookie" } }],
  ["a header without a secret's name", { headers: { "x-user": "somebody-known" } }],
])("this does not count as a secret: %s", (_, fields) => {
  expect(found(fields)).toEqual([]);
});

test("a value from the environment counts as a secret unless it has a default", () => {
  const written = { a: ["${env:ONE} and ${env:TWO:-2}"], b: { c: "${env:ONE}" } };
  const { value, secrets, missing } = interpolate(written, { ONE: "canary-1", TWO: "canary-2" });
  expect(value).toEqual({ a: ["canary-1 and canary-2"], b: { c: "canary-1" } });
  expect([secrets, missing]).toEqual([["canary-1"], []]);
});
