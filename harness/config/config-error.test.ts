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

/** What is wrong, how it is written, and what is told: the path, and the sentence. */
const mistakes: [what: string, right: string, wrong: string, where: string, says: string][] = [
  [
    "a field too many",
    "start:",
    "strat:",
    "mine.strat",
    'no such field here (did you mean "start"?)',
  ],
  [
    "a field that is missing",
    "    start: node server.js\n",
    "",
    "mine.start",
    "missing; allowed is a text",
  ],
  [
    "another kind of value",
    "answerMs: 5000",
    'answerMs: "5000"',
    "mine.promises.answerMs",
    'found "5000"; allowed is a number of milliseconds',
  ],
  [
    "a text without its quotes",
    'PORT: "${port}"',
    "PORT: 3000",
    "mine.env.PORT",
    'found 3000; allowed is a text: "3000"',
  ],
  [
    "the long form of a name",
    "    env:\n",
    "    environment:\n",
    "mine.environment",
    'there is no such field here (did you mean "env"?)',
  ],
  [
    "a number that is too small",
    "answerMs: 5000",
    "answerMs: -1",
    "mine.promises.answerMs",
    "found -1; allowed is a number above 0",
  ],
  [
    "a promise that there is none",
    "answerMs: 5000",
    "anserMs: 5000",
    "mine.promises.anserMs",
    '(did you mean "answerMs"?); allowed are memory, concurrency, ',
  ],
  [
    "a word that there is none",
    "answerMs: 5000",
    "concurrency: refuse",
    "mine.promises.concurrency",
    'found "refuse"; allowed is "reject", "enqueue", "interrupt", "none"',
  ],
  [
    "a kind of target that there is none",
    "kind: command",
    "kind: comand",
    "mine.kind",
    'found "comand" (did you mean "command"?); allowed are "command", "url"',
  ],
  [
    "a kind of reply that there is none",
    "kind: job",
    "kind: jobs",
    "deployed.say.reply.kind",
    'found "jobs" (did you mean "job"?); allowed are "json", ',
  ],
  [
    "a field of another kind of reply",
    "state: $.state",
    "text: $.state",
    "deployed.say.reply.text",
    "there is no such field here; allowed are kind, id, poll, ",
  ],
  [
    "a reply that is no path",
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
    "a reply of another kind",
    "reply: $.reply",
    "reply: 7",
    "mine.say.reply",
    "found 7; allowed is a JSON path, or a list, each a JSON path, or an object with kind ",
  ],
  [
    "a thread without its id",
    "      id: $.id\n",
    "",
    "mine.thread.id",
    "missing; allowed is a JSON path, or an object with header, or ",
  ],
  [
    "a field of a thread that is misspelled",
    "id: $.id",
    "idd: $.id",
    "mine.thread.idd",
    'there is no such field here (did you mean "id"?)',
  ],
  [
    "a request without its method",
    "post: /chat",
    "pots: /chat",
    "mine.say.pots",
    'no such field here (did you mean "post"?)',
  ],
  [
    "a request with two methods",
    "get: /say",
    "get: /say\n      put: /say",
    "deployed.say",
    "found an object with get, put, reply; needs exactly one of get, post, put, patch, delete",
  ],
  [
    "a text in place of a request",
    "get: /ready",
    "- /ready",
    "mine.ready",
    "found a list of 1; allowed is an object with get, post, ",
  ],
  [
    "an address that is none",
    "a: http://127.0.0.1:8080",
    "a: localhost",
    "deployed.address.a",
    'found "localhost"; allowed is an address, as http://127.0.0.1:8080/api',
  ],
  [
    "a hook that there is none",
    "kill: docker",
    "kil: docker",
    "deployed.hooks.kil",
    '(did you mean "kill"?)',
  ],
  [
    "a hook of another kind",
    "kill: docker kill ${replica}",
    "kill: 7",
    "deployed.hooks.kill",
    "found 7; allowed is a text, or an object with run, env, withinMs, or ",
  ],
  [
    "a name of a process that there is none",
    "${port}",
    "${prot}",
    "mine.env.PORT",
    '${prot} is not known here (did you mean "port"?); allowed are ${port}, ${replica}, ${database}',
  ],
  [
    "a name of a request that there is none",
    "${thread}",
    "${thred}",
    "mine.say.json.thread",
    '${thred} is not known here (did you mean "thread"?); allowed are ${thread}, ${user}, ${run}, ${session}',
  ],
  [
    "a name of a request in a process",
    "${port}",
    "${message}",
    "mine.env.PORT",
    "${message} is not known here; allowed are ${port}",
  ],
  [
    "a name of a process in a request",
    "${session}",
    "${database}",
    "mine.say.headers.x-session",
    "${database} is not known here; allowed are ${thread}",
  ],
  [
    "a name that is known only later",
    "post: /threads",
    "post: /threads/${message}",
    "mine.thread.post",
    "${message} is not known here; allowed are ${user}",
  ],
  [
    "a name where none is",
    "get: /ready",
    "get: /ready/${port}",
    "mine.ready.get",
    "${port} is not known here: no names are",
  ],
  [
    "a name of a hook that there is none",
    "${replica}",
    "${HOME}",
    "deployed.hooks.kill",
    "${HOME} is not known here; allowed are ${replica}",
  ],
  [
    "a name that was captured nowhere",
    "session: $.session",
    "other: $.session",
    "mine.say.headers.x-session",
    "${session} is not known here",
  ],
  [
    "a variable that is not set",
    "node server.js",
    "node ${env:NOT_SET_HERE}",
    "mine.start",
    "the environment variable NOT_SET_HERE is not set: set it, or write ${env:NOT_SET_HERE:-default}",
  ],
  [
    "a variable that is empty",
    "node server.js",
    "node ${env:EMPTY}",
    "mine.start",
    "the environment variable EMPTY is empty",
  ],
  [
    "a name that is none of a variable",
    "node server.js",
    "node ${env:a-b}",
    "mine.start",
    "found ${env:a-b}; allowed are ${env:NAME} and ${env:NAME:-default}",
  ],
];

/** The same value in another language, with the line of each path where the language has one. */
const languages: Record<string, (yaml: string) => { document: Document; text: string | null }> = {
  YAML: (text) => ({ text, document: yamlDocument(text, "my") }),
  JSON: (yaml) => {
    const text = JSON.stringify(parse(yaml), null, 2);
    return { text, document: yamlDocument(text, "my") };
  },
  TypeScript: (yaml) => ({ text: null, document: { value: parse(yaml), lineOf: () => null } }),
};

/** All that is told of a text. */
function told(document: Document): string[] {
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
  test("what is sound is not complained of", () => {
    expect(told(write(sound).document)).toEqual([]);
  });

  test.each(mistakes)("%s", (_, right, wrong, where, says) => {
    expect(sound).toContain(right);
    const { document, text } = write(sound.replace(right, () => wrong));
    const sentences = told(document);
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

test("several are told at once, in the order of their lines", () => {
  const wrong = sound
    .replace("get: /say", "gte: /say")
    .replace("start:", "strat:")
    .replace("${thread}", "${thred}");
  const places = told(yamlDocument(wrong, "my")).map((it) => /^my:\d+: [\w.]+/.exec(it)?.[0]);
  expect(places).toEqual([
    "my:5: targets.mine.strat",
    "my:20: targets.mine.say.json.thread",
    "my:30: targets.deployed.say.gte",
  ]);
});

test("what came from the environment, or is named as a secret, is not shown", () => {
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

test("a default may hold another name, and counts where a variable is empty", () => {
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
