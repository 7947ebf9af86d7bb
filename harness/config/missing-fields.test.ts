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
    "a reply in the thread",
    saying({ reply: { kind: "state" } }),
    { read },
    "say.reply: such a reply",
  ],
  [
    "a job without a reply",
    saying({ reply: job }),
    { read },
    "say.reply: such a reply is looked for",
  ],
  [
    "a job that is never over",
    { ...saying({ reply: { ...job, state: undefined } }), read },
    saying({ reply: { ...job, state: undefined, reply: "$.reply" } }),
    "say.reply.poll: nothing tells when the job is over",
  ],
  ["somebody who waits", { retry: "wait" }, { read }, "retry: who waits looks into the thread"],
  [
    "code, and an interrupt",
    { say: async () => ({ reply: "" }), resume: { post: "/resume" } },
    { resume: { post: "/resume", reply: "$.reply" } },
    "resume: where say is code",
  ],
  [
    "a first turn in a thread that there is not",
    { ...from, ...saying({ post: "/threads/${thread}/say" }) },
    saying({ post: "/threads/${thread}/say", first: { post: "/threads", text: "${message}" } }),
    'say.post: a first turn has no thread yet, and "/threads/${thread}/say" names it',
  ],
  [
    "a first turn that names it as well",
    { ...from, ...saying({ first: { put: "/threads/${thread}", text: "${message}" } }) },
    saying({ post: "/say?thread=${thread}" }),
    "say.first.put: a first turn has no thread yet",
  ],
];

test.each(cases)("what cannot be done is told, with what to give: %s", (_, fields, closed, at) => {
  const parse = (mine: object) => parseConfiguration({ targets: { mine } }, "my.ts");
  const open = { ...least, ...fields };
  expect(() => parse(open)).toThrow(`my.ts: targets.mine.${at}`);
  expect(() => parse({ ...open, ...closed })).not.toThrow();
});
