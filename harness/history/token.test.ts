import { expect, test } from "vitest";
import { tokensIn } from "./token.ts";

const token = "tpq-0abc0001";
const said = `café & more [${token}]`;

test.each([
  ["a plain text", said],
  ["a path or a query", encodeURIComponent(said)],
  ["a form", new URLSearchParams({ said }).toString()],
  ["a URL inside a URL", encodeURIComponent(encodeURIComponent(said))],
  ["JSON", JSON.stringify({ said })],
  ["JSON with every bracket escaped", JSON.stringify(said).replace("[", String.raw`\u005b`)],
  ["JSON in JSON, after a line end", JSON.stringify(JSON.stringify(`\n${token}\n`))],
  ["JSON after a tab", JSON.stringify(`\t${token}`)],
  ["HTML", said.replace("[", "&#91;").replace("]", "&#93;")],
  ["HTML with hexadecimal escapes", said.replace("[", "&#x5B;").replace("]", "&#x5D;")],
  ["Markdown", said.replace("[", String.raw`\[`).replace("]", String.raw`\]`)],
  ["an identifier", `chat_${token}_1`],
])("a token is found in %s", (_, text) => {
  expect(tokensIn(text)).toEqual([token]);
});

test.each([`x${token}`, `${token}9`, `${token}X`, "tpq-0abc001", "5Btpq-0abc0001"])(
  "a part of a longer word is no token: %s",
  (text) => {
    expect(tokensIn(text)).toEqual([]);
  },
);
