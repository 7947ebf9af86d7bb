import { expect, test } from "vitest";
import { command, parseConfiguration, type CommandInput } from "./configuration.ts";

const least = command({
  start: "node service.js",
  ready: { get: "/ready" },
  say: { post: "/say", text: "${message}", reply: "$.reply" },
});
const read = { get: "/threads/${thread}", list: "$[*]" };
const job = { kind: "job" as const, id: "$.id", poll: { get: "/jobs/${job}" }, state: "$.state" };
const saying = (fields: object): Partial<CommandInput> => ({
  say: { post: "/say", text: "${message}", reply: "$.reply", ...fields },
});
const from = { thread: { from: "$.id" } };

const cases: [
  gap: string,
  fields: Partial<CommandInput>,
  closed: Partial<CommandInput>,
  at: string,
][] = [
  [
    "a reply that is read from the thread",
    saying({ reply: { kind: "state" } }),
    { read },
    "say.reply: this kind of reply is read from the thread",
  ],
  [
    "a job without a reply",
    saying({ reply: job }),
    { read },
    "say.reply: this kind of reply is read from the thread",
  ],
  [
    "a job that never ends",
    { ...saying({ reply: { ...job, state: undefined } }), read },
    saying({ reply: { ...job, state: undefined, reply: "$.reply" } }),
    "say.reply.poll: no field shows when the job is over",
  ],
  ["a client that waits", { retry: "wait" }, { read }, "retry: retry: wait reads the thread"],
  [
    "a function with an interrupt",
    { say: async () => ({ reply: "" }), resume: { post: "/resume" } },
    { resume: { post: "/resume", reply: "$.reply" } },
    "resume: say is a function",
  ],
  [
    "a first turn in a thread that does not exist",
    { ...from, ...saying({ post: "/threads/${thread}/say" }) },
    saying({ post: "/threads/${thread}/say", first: { post: "/threads", text: "${message}" } }),
    'say.post: the first turn has no thread yet, but "/threads/${thread}/say" needs it',
  ],
  [
    "a separate first request that needs the thread",
    { ...from, ...saying({ first: { put: "/threads/${thread}", text: "${message}" } }) },
    saying({ post: "/say?thread=${thread}" }),
    "say.first.put: the first turn has no thread yet",
  ],
];

test.each(cases)("the message about a gap names the missing field: %s", (_, fields, closed, at) => {
  const parse = (mine: object) => parseConfiguration({ targets: { mine } }, "my.ts");
  const open = { ...least, ...fields };
  expect(() => parse(open)).toThrow(`my.ts: targets.mine.${at}`);
  expect(() => parse({ ...open, ...closed })).not.toThrow();
});
