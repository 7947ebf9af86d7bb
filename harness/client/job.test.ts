import { expect, test } from "vitest";
import { pauses } from "./job.ts";
import { type Answering, SmallService } from "../../test/support/small-service.ts";

/** A queue: `/jobs` answers the next item of `states`, and repeats the last one. */
function queue(...states: readonly (string | readonly [number, string])[]): Answering {
  let asked = 0;
  return ({ url }) => {
    if (url === "/say") return [202, '{"job": {"id": 7}}'];
    if (url === "/cancel/7") return "{}";
    asked += 1;
    return states[Math.min(asked, states.length) - 1] ?? "{}";
  };
}

const read = { get: "/threads/${thread}", list: "$[*]" };
const job = {
  kind: "job" as const,
  id: "$.job.id",
  poll: { get: "/jobs/${job}" },
  state: "$.state",
  everyMs: 5,
};

function state(is: string, more: object = {}): string {
  return JSON.stringify({ state: is, ...more });
}

const unknown = (why: string) => ({ kind: "unknown", why: expect.stringContaining(why) as string });
const ok = { kind: "ok", reply: "Noted." };
const reply = "$.reply";

const cases: [belief: string, fields: object, answering: Answering, meaning: object][] = [
  [
    "a job is done immediately",
    { reply },
    queue(state("queued"), state("running"), state("done", { reply: "Noted." })),
    ok,
  ],
  [
    "a done job reports the reply",
    {},
    queue(state("running"), state("done")),
    { kind: "accepted" },
  ],
  ["a done job has a reply", { reply }, queue(state("done")), unknown("no reply at $.reply")],
  [
    "every job succeeds",
    { reply },
    queue(state("running"), state("error", { reply: "Noted.", why: "no model" })),
    unknown('the job ended as error: 200 {"state":"error"'),
  ],
  ["a job never waits for approval", {}, queue(state("interrupted")), { kind: "interrupted" }],
  [
    "all services use the same names of states",
    { done: ["SUCCESS"], reply },
    queue(state("done"), state("SUCCESS", { reply: "Noted." })),
    ok,
  ],
  [
    "a job unknown to one replica is unknown to all",
    { reply },
    queue([404, "no such job"], [503, ""], state("done", { reply: "Noted." })),
    ok,
  ],
  ["a poll shows a state", { state: undefined, reply }, queue("{}", '{"reply": "Noted."}'), ok],
  [
    "a job must be polled",
    { poll: undefined, join: { get: "/jobs/${job}/join" }, state: undefined, reply },
    queue([502, ""], '{"reply": "Noted."}'),
    ok,
  ],
  ["a job can be polled", { poll: undefined }, queue(), { kind: "accepted" }],
  ["the receipt has a job id", { id: "$.id" }, queue(), unknown("no job at $.id: 202")],
];

test.each(cases)("the client does not assume that %s", async (_, fields, answering, meaning) => {
  await using service = await SmallService.open(answering);
  const user = service.user({ read, say: { post: "/say", reply: { ...job, ...fields } } });
  expect(await user.say()).toMatchObject(meaning);
});

test("a declared error inside the response to a poll counts", async () => {
  await using service = await SmallService.open(queue(state("done", { error: "no model" })));
  const means = [{ path: "$.error", means: "failed" as const }];
  const user = service.user({ read, say: { post: "/say", reply: job, means } });
  expect(await user.say()).toEqual(unknown("an error inside 200"));
});

test("the client leaves an endless job at the turn's timeout", async () => {
  await using service = await SmallService.open(queue(state("running")));
  const user = service.user({ read, say: { post: "/say", reply: job }, turnTimeoutMs: 1_000 });
  expect(await user.say()).toEqual(unknown('ms: 200 {"state":"running"}'));
});

test("each turn has its own random pauses between polls, on average as declared", () => {
  const ofTurn = (turn: string) => Array.from({ length: 1_000 }, pauses(100, turn));
  const [one, again, other] = ["x1", "x1", "y2"].map(ofTurn);
  expect(one).toEqual(again);
  expect(one).not.toEqual(other);
  const mean = (one ?? []).reduce((sum, ms) => sum + ms, 0) / 1_000;
  expect(mean).toBeGreaterThan(90);
  expect(mean).toBeLessThan(110);
});

test("a refused receipt is a refusal, not a job", async () => {
  await using service = await SmallService.open(() => [409, "busy"]);
  const user = service.user({ read, say: { post: "/say", reply: job } });
  expect(await user.say()).toEqual({ kind: "refused", why: "409 busy" });
});

test("the receipt or the job brings the thread's id", async () => {
  await using service = await SmallService.open(queue(state("done", { thread: "t1" })));
  const say = { post: "/say", reply: job };
  const user = service.user({ read, thread: { from: "$.thread" }, say });
  await user.say();
  expect(user.session.thread).toBe("t1");
  const early = service.user({ read, thread: { from: "$.job.id" }, say });
  await early.say();
  expect(early.session.thread).toBe(7);
});

test("a hang-up stops the polls, and cancels the job if the target declares how", async () => {
  await using service = await SmallService.open(queue(state("running")));
  const cancel = { post: "/cancel/${job}" };
  const user = service.user({ read, say: { post: "/say", reply: { ...job, cancel } } });
  const said = user.say();
  while (service.seen.length < 3) await new Promise(setImmediate);
  user.hangUp.abort(new Error("the client hung up"));
  expect(await said).toEqual({ kind: "unknown", why: "the client hung up" });
  expect(service.seen.at(-1)?.url).toBe("/cancel/7");
});
