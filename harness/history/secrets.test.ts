import { describe, expect, test } from "vitest";
import { Secrets } from "./secrets.ts";

const secret = 'pä55 w/rd+"canary\\7';
const secrets = new Secrets([secret]);
const base64 = (text: string) => Buffer.from(text).toString("base64");

test.each([
  ["plain", `it is ${secret}, is it not`],
  ["in a path", `/say/${encodeURIComponent(secret)}`],
  ["in a form", new URLSearchParams({ password: secret }).toString()],
  ["in a password of a URL", new URL(`http://me:${encodeURIComponent(secret)}@host/`).href],
  ["in JSON", JSON.stringify({ password: secret })],
  ["in JSON within JSON", JSON.stringify({ body: JSON.stringify({ password: secret }) })],
  ["for a user of one letter, in base64", base64(`a:${secret}`)],
  ["for a user of two letters, in base64", base64(`ab:${secret}`)],
  ["for a user of three letters, in base64", base64(`abc:${secret}`)],
  ["in base64 for URLs", Buffer.from(`a:${secret}`).toString("base64url")],
])("a secret is redacted: %s", (_, text) => {
  const redacted = secrets.redact(text);
  expect(redacted).toContain("***");
  for (const form of [secret, encodeURIComponent(secret), "canary", base64("canary").slice(0, 6)]) {
    expect(redacted).not.toContain(form);
  }
});

describe("a truncated secret is redacted", () => {
  const long = new Secrets(["sk-0123456789-abcdefghij"]);

  test.each([
    ["at its end", "the key is sk-0123456789-abc", "the key is ***"],
    [
      "at its end, with text after it",
      "the key is sk-0123456789-abc… (cut)",
      "the key is ***… (cut)",
    ],
    ["at its beginning", "6789-abcdefghij is the key", "*** is the key"],
    ["twice", "sk-0123456789-a sk-0123456789-ab", "*** ***"],
  ])("%s", (_, text, redacted) => {
    expect(long.redact(text)).toBe(redacted);
  });

  test("a text that shares only a short prefix is unchanged", () => {
    expect(long.redact("keys begin with sk-0")).toBe("keys begin with sk-0");
  });
});

test("each line of a multi-line key is redacted", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----";
  expect(new Secrets([key]).redact("it said: MIIEvQIBADANBgkqhkiG")).toBe("it said: ***");
});

test("a secret that contains another secret is redacted as a whole", () => {
  expect(new Secrets(["canary", "the canary sings"]).redact("the canary sings")).toBe("***");
});

test("a value of fewer than four characters is not redacted", () => {
  expect(new Secrets(["abc"]).redact("abc")).toBe("abc");
});

test("texts in plain data are redacted at any depth; other values are unchanged", () => {
  const data = { list: [{ text: `a ${secret}` }, 7, null, true], [secret]: undefined };
  expect(secrets.redactIn(data)).toEqual({ list: [{ text: "a ***" }, 7, null, true] });
});

test("a secret that is added later is redacted in later texts", () => {
  const later = new Secrets();
  expect(later.redact("a token-of-login")).toBe("a token-of-login");
  later.add("token-of-login");
  expect(later.redact("a token-of-login")).toBe("a ***");
});
