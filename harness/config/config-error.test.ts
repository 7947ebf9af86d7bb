/** Common mistakes: the same message in YAML and JSON with a line, in TypeScript without one. */
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfiguration } from "./configuration.ts";
import type { Document } from "./document.ts";
import { yamlDocument } from "./yaml-document.ts";

const sound = `
targets:
  mine:
    kind: command
    start: node server.js
    env:
      PORT: "\${port}"
    ready:
      get: /ready
    thread:
      post: /threads
      id: $.id
      capture:
        session: $.session
    say:
      post: /chat
      headers:
        x-session: "\${session}"
      json:
        thread: "\${thread}"
        text: "\${message}"
      reply: $.reply
    promises:
      answerMs: 5000
  deployed:
    kind: url
    address:
      a: http://127.0.0.1:8080
    say:
      get: /say
      reply:
        kind: job
        id: $.job
        poll:
          get: /jobs/\${job}
        state: $.state
        reply: $.reply
    hooks:
      kill: docker kill \${replica}
`;

/** Each mistake: its name, the valid and the invalid text, the reported path, and the message. */
const mistakes: [what: string, right: string, wrong: string, where: string, says: string][] = [
  [
    "an unknown field",
    "start:",
    "strat:",
    "mine.strat",
    'unknown field (did you mean "start"?); allowed: kind, ',
  ],
  [
    "a missing field",
    "    start: node server.js\n",
    "",
    "mine.start",
    "missing; expected a string",
  ],
  [
    "a value of the wrong type",
    "answerMs: 5000",
    'answerMs: "5000"',
    "mine.promises.answerMs",
    'found "5000"; expected a number of milliseconds',
  ],
  [
    "a number without quotes",
    'PORT: "${port}"',
    "PORT: 3000",
    "mine.env.PORT",
    'found 3000; expected a string: "3000"',
  ],
  [
    "the long form of a name",
    "    env:\n",
    "    environment:\n",
    "mine.environment",
    'unknown field (did you mean "env"?)',
  ],
  [
    "a number that is too small",
    "answerMs: 5000",
    "answerMs: -1",
    "mine.promises.answerMs",
    "found -1; expected a number above 0",
  ],
  [
    "an unknown promise",
    "answerMs: 5000",
    "anserMs: 5000",
    "mine.promises.anserMs",
    '(did you mean "answerMs"?); allowed: memory, concurrency, ',
  ],
  [
    "an unknown value of an enum",
    "answerMs: 5000",
    "concurrency: refuse",
    "mine.promises.concurrency",
    'found "refuse"; expected "reject", "enqueue", "interrupt", "none"',
  ],
  [
    "an unknown kind of target",
    "kind: command",
    "kind: comand",
    "mine.kind",
    'found "comand" (did you mean "command"?); expected "command", "url"',
  ],
  [
    "an unknown kind of reply",
    "kind: job",
    "kind: jobs",
    "deployed.say.reply.kind",
    'found "jobs" (did you mean "job"?); expected "json", ',
  ],
  [
    "a field of another kind of reply",
    "state: $.state",
    "text: $.state",
    "deployed.say.reply.text",
    "unknown field; allowed: kind, id, poll, ",
  ],
  [
    "a reply that is not a path",
    "reply: $.reply",
    "reply: reply",
    "mine.say.reply",
    'found "reply"; a JSON path begins with "$"',
  ],
  [
    "a path with the syntax of another library",
    "reply: $.reply",
    'reply: "$.list[(@.length-1)]"',
    "mine.say.reply",
    'found "$.list[(@.length-1)]"; not a JSON path (RFC 9535): unexpected token',
  ],
  [
    "a reply of the wrong type",
    "reply: $.reply",
    "reply: 7",
    "mine.say.reply",
    "found 7; expected a JSON path, or a list, each a JSON path, or an object with kind ",
  ],
  [
    "a thread without its id",
    "      id: $.id\n",
    "",
    "mine.thread.id",
    "missing; expected a JSON path, or an object with header, or ",
  ],
  [
    "a misspelled field of a thread",
    "id: $.id",
    "idd: $.id",
    "mine.thread.idd",
    'unknown field (did you mean "id"?)',
  ],
  [
    "a request without its method",
    "post: /chat",
    "pots: /chat",
    "mine.say.pots",
    'unknown field (did you mean "post"?)',
  ],
  [
    "a request with two methods",
    "get: /say",
    "get: /say\n      put: /say",
    "deployed.say",
    "found an object with get, put, reply; needs exactly one of get, post, put, patch, delete",
  ],
  [
    "a list instead of a request",
    "get: /ready",
    "- /ready",
    "mine.ready",
    "found a list of 1; expected an object with get, post, ",
  ],
  [
    "an invalid address",
    "a: http://127.0.0.1:8080",
    "a: localhost",
    "deployed.address.a",
    'found "localhost"; expected an address, such as http://127.0.0.1:8080/api',
  ],
  [
    "an unknown hook",
    "kill: docker",
    "kil: docker",
    "deployed.hooks.kil",
    '(did you mean "kill"?)',
  ],
  [
    "a hook of the wrong type",
    "kill: docker kill ${replica}",
    "kill: 7",
    "deployed.hooks.kill",
    "found 7; expected a string, or an object with run, env, withinMs, or ",
  ],
  [
    "an unknown variable in a process",
    "${port}",
    "${prot}",
    "mine.env.PORT",
    'unknown variable ${prot} (did you mean "port"?); allowed: ${port}, ${replica}, ${database}',
  ],
  [
    "an unknown variable in a request",
    "${thread}",
    "${thred}",
    "mine.say.json.thread",
    'unknown variable ${thred} (did you mean "thread"?); allowed: ${thread}, ${user}, ${run}, ${session}',
  ],
  [
    "a request variable in a process",
    "${port}",
    "${message}",
    "mine.env.PORT",
    "unknown variable ${message}; allowed: ${port}",
  ],
  [
    "a process variable in a request",
    "${session}",
    "${database}",
    "mine.say.headers.x-session",
    "unknown variable ${database}; allowed: ${thread}",
  ],
  [
    "a variable that is known only later",
    "post: /threads",
    "post: /threads/${message}",
    "mine.thread.post",
    "unknown variable ${message}; allowed: ${user}",
  ],
  [
    "a variable at a place without variables",
    "get: /ready",
    "get: /ready/${port}",
    "mine.ready.get",
    "unknown variable ${port}; none are allowed here",
  ],
  [
    "an unknown variable in a hook",
    "${replica}",
    "${HOME}",
    "deployed.hooks.kill",
    "unknown variable ${HOME}; allowed: ${replica}",
  ],
  [
    "a variable that no request captures",
    "session: $.session",
    "other: $.session",
    "mine.say.headers.x-session",
    "unknown variable ${session}",
  ],
  [
    "an environment variable that is not set",
    "node server.js",
    "node ${env:NOT_SET_HERE}",
    "mine.start",
    "the environment variable NOT_SET_HERE is not set: set it, or write ${env:NOT_SET_HERE:-default}",
  ],
  [
    "an empty environment variable",
    "node server.js",
    "node ${env:EMPTY}",
    "mine.start",
    "the environment variable EMPTY is empty",
  ],
  [
    "an invalid name of an environment variable",
    "node server.js",
    "node ${env:a-b}",
    "mine.start",
    "found ${env:a-b}; expected ${env:NAME} or ${env:NAME:-default}",
  ],
];

/** The same value in each language, with the line of each path if the language has lines. */
const languages: Record<string, (yaml: string) => { document: Document; text: string | null }> = {
  YAML: (text) => ({ text, document: yamlDocument(text, "my") }),
  JSON: (yaml) => {
    const text = JSON.stringify(parse(yaml), null, 2);
    return { text, document: yamlDocument(text, "my") };
  },
  TypeScript: (yaml) => ({ text: null, document: { value: parse(yaml), lineOf: () => null } }),
};

/** All messages about a document. */
function messagesFor(document: Document): string[] {
  try {
    parseConfiguration(document.value, "my", {
      lineOf: document.lineOf,
      environment: { EMPTY: "" },
    });
  } catch (error) {
    return String(error).replace("Error: ", "").split("\n");
  }
  return [];
}

describe.each(Object.entries(languages))("in %s", (_, write) => {
  test("a valid configuration has no mistakes", () => {
    expect(messagesFor(write(sound).document)).toEqual([]);
  });

  test.each(mistakes)("%s", (_, right, wrong, where, says) => {
    expect(sound).toContain(right);
    const { document, text } = write(sound.replace(right, () => wrong));
    const sentences = messagesFor(document);
    expect(sentences).toEqual([expect.stringContaining(says)]);
    const place = /^my(?::(\d+))?: targets\.([\w.-]+): /.exec(sentences[0] ?? "");
    expect(place?.[2]).toBe(where);
    expect(place?.[1] === undefined).toBe(text === null);
    if (text === null) return;
    // The line contains the field, or its parent if the field is missing.
    const names = where.split(".").slice(-2);
    const line = text.split("\n")[Number(place?.[1]) - 1] ?? "";
    expect(names.some((name) => line.includes(name))).toBe(true);
  });
});

test("all mistakes are reported at once, in the order of their lines", () => {
  const wrong = sound
    .replace("get: /say", "gte: /say")
    .replace("start:", "strat:")
    .replace("${thread}", "${thred}");
  const places = messagesFor(yamlDocument(wrong, "my")).map(
    (it) => /^my:\d+: [\w.]+/.exec(it)?.[0],
  );
  expect(places).toEqual([
    "my:5: targets.mine.strat",
    "my:20: targets.mine.say.json.thread",
    "my:30: targets.deployed.say.gte",
  ]);
});

test("messages do not show values from the environment or of secret fields", () => {
  const yaml = sound
    .replace("answerMs: 5000", 'answerMs: "${env:SECRET}"')
    .replace('PORT: "${port}"', "API_KEY: [canary]");
  const { value, lineOf } = yamlDocument(yaml, "my");
  const environment = { SECRET: "canary" };
  expect(() => parseConfiguration(value, "my", { lineOf, environment })).toThrow(
    /found "\$\{env:SECRET\}"/,
  );
  expect(() => parseConfiguration(value, "my", { lineOf, environment })).not.toThrow(/canary/);
});

test("a default may contain another variable, and applies if the variable is empty", () => {
  const environment = { EMPTY: "" };
  const yaml = sound
    .replace("node server.js", 'node "${env:UNSET:-server.js}" ${env:EMPTY:-now}')
    .replace("${port}", "${env:UNSET:-${port}}1");
  const { value } = yamlDocument(yaml, "my");
  const { targets } = parseConfiguration(value, "my", { lineOf: () => null, environment });
  expect(targets["mine"]).toMatchObject({
    start: 'node "server.js" now',
    env: { PORT: "${port}1" },
  });
});
