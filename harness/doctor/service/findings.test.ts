// Findings about requests and replies: each part once when it works, and once per mistake.
import { expect, test } from "vitest";
import { a } from "../../../test/support/shorthand.ts";
import { resumption } from "./resume.ts";
import { deletion, retry } from "./retry-check.ts";
import {
  begun,
  both,
  each,
  evidenceOf,
  first,
  once,
  type Row,
  second,
  twice,
} from "../../../test/support/doctor-evidence.ts";
import { readyCheck, starts } from "./start.ts";
import { read, secondView, turn } from "./turns-check.ts";
import { replicas, threadsApart, unknownThread } from "./threads.ts";

const viewOf = { get: "/log/${thread}", list: "$.log" };
const waits = { thread: "tools", steps: ["search"] };
const means = [{ path: "$.waits", means: "interrupted" }];
const approving = {
  resume: { post: "/approve/${thread}" },
  say: { post: "/say", json: { id: "${thread}" }, reply: "$.reply", means },
};
const stray = { thread: "unknown", sound: false };
const crashed = begun({ replicas: [] })
  .entry({
    ...({ kind: "replica.exit", replica: "a", pid: 1, code: 1, signal: null } as const),
    ...{ asked: false, lastLines: [] },
  })
  .entry({ kind: "replica.unready", replica: "a", why: "Error: no such table" })
  .history();

const rows: Row[] = [
  ["all are ready", starts, { history: begun() }, "works", "ready: a after 0.0 s and b after"],
  [
    "one crashes",
    starts,
    {
      history: begun(),
      seen: { history: { ...crashed, header: { ...crashed.header, replicas: ["a"] } } },
    },
    "broken",
    "a is not ready: it exited with code 1: Error: no such table",
  ],
  ["the check answers", readyCheck, { history: begun() }, "works", "GET /health answers 200: {}"],
  [
    "any path gets the same response",
    readyCheck,
    { history: begun(), seen: { unknownPath: { status: 200, body: "{}" } } },
    "open",
    "an unknown path gets the same response",
  ],
  [
    "200 unhealthy",
    readyCheck,
    { history: begun(), seen: { probes: { a: { status: 200, body: '{"status":"unhealthy"}' } } } },
    "broken",
    "declare the body of a ready replica",
  ],
  ["a reply", turn, { history: once() }, "works", `“noted ${a(1)}” after`],
  [
    "not the model's reply",
    turn,
    { history: begun().ok(1, { ...first, sees: "", reply: "t1" }) },
    "works",
    "the model said something else",
  ],
  [
    "no reply in 200",
    turn,
    { history: begun().unknown(1, { ...first, why: "200 {}", status: 200 }) },
    "broken",
    "POST /say got unknown: 200 {}; check say.reply",
  ],
  [
    "an HTML page",
    turn,
    { history: begun().unknown(1, { ...first, why: "200 and a page of HTML: <p>", status: 200 }) },
    "broken",
    "check the path of say, and any proxy in front of the service",
  ],
  [
    "a wrong method",
    turn,
    { history: begun().unknown(1, { ...first, why: "405", status: 405 }) },
    "broken",
    "check the method of say",
  ],
  [
    "a replica that exits during the turn",
    turn,
    { history: begun().say(1, first).exit("a", "SIGSEGV", false).unknown(1) },
    "broken",
    "a exited during the turn",
  ],
  [
    "the message and the reply",
    read,
    { history: once().read("1", first) },
    "works",
    "and the reply",
  ],
  ["no answer", read, { history: once().read(null, first) }, "broken", "timed out; check read"],
  ["an empty list", read, { history: once().read("", first) }, "broken", "check read.list"],
  [
    "the list of another thread",
    read,
    { history: once().read("7", first) },
    "broken",
    "finds other tokens in the response, and not the last message",
  ],
  [
    "the second view, the same",
    secondView,
    { history: once().read("1", first).read("1", first), target: { secondView: viewOf } },
    "works",
    "$.log finds the message and the reply, as read does",
  ],
  [
    "the second view alone",
    secondView,
    { history: once().read("1", first), target: { read: undefined, secondView: viewOf } },
    "works",
    "$.log finds the message and the reply",
  ],
  ["no second view", secondView, { history: once().read("1", first) }, "open", "add secondView"],
  [
    "the second view, another list",
    secondView,
    { history: once().read("1", first).read("1 1", first), target: { secondView: viewOf } },
    "broken",
    "it finds 4 marked messages, and read 2, or in another order",
  ],
  [
    "the second view, without the message",
    secondView,
    { history: once().read("1", first).read("", first), target: { secondView: viewOf } },
    "broken",
    "check secondView.list",
  ],
  [
    "the second view, without a response",
    secondView,
    { history: once().read("1", first).read(null, first), target: { secondView: viewOf } },
    "broken",
    "GET /log/${thread}: timed out; check secondView",
  ],
  [
    "an approval",
    resumption,
    { history: once().interrupted(6, waits).ok(6), target: approving },
    "works",
    "after POST /approve/${thread}, a turn that waited for an approval gets its reply",
  ],
  [
    "an approval without effect",
    resumption,
    { history: once().interrupted(6, waits).interrupted(6).interrupted(6), target: approving },
    "broken",
    "after 2 × POST /approve/${thread} the turn still waits",
  ],
  [
    "an approval that is refused",
    resumption,
    { history: once().interrupted(6, waits).failed(6, { why: "404" }), target: approving },
    "broken",
    "after POST /approve/${thread} the turn failed: 404; check resume",
  ],
  [
    "no turn waits for an approval",
    resumption,
    { history: once(), target: approving },
    "open",
    "no turn waited for an approval",
  ],
  [
    "no declared response means that a turn waits",
    resumption,
    { history: once(), target: { resume: approving.resume } },
    "broken",
    'add say.means, for example [{ path: "$.…", means: "interrupted" }]',
  ],
  [
    "an approval without a declared request",
    resumption,
    { history: once().interrupted(6, waits) },
    "broken",
    "no request gives it: add resume",
  ],
  ["no approval", resumption, { history: once() }, "open", "not declared: if a turn may wait"],
  ["two threads", threadsApart, { history: both() }, "works", "two threads are isolated"],
  [
    "mixed threads",
    threadsApart,
    { history: once().ok(2, { ...second, sees: "1" }) },
    "broken",
    "check that the service reads the thread id from where say sends it",
  ],
  [
    "no thread id is sent",
    threadsApart,
    {
      history: once().ok(2, { ...second, sees: "1" }),
      target: { thread: { make: "${uuid}" }, say: { post: "/say", reply: "$.reply" } },
    },
    "broken",
    "say does not contain ${thread}",
  ],
  [
    "a forgotten turn",
    threadsApart,
    {
      history: twice()
        .ok(3, { ...first, sees: "" })
        .ok(4, { ...second, sees: "" }),
    },
    "broken",
    "does not see the first, although on the same replica",
  ],
  [
    "the second turn fails",
    threadsApart,
    {
      history: twice()
        .unknown(3, { ...first, why: "500" })
        .ok(4, second),
    },
    "broken",
    "the second turn of a thread failed: 500",
  ],
  [
    "neither prompts nor reads are visible",
    threadsApart,
    { history: begun().ok(1, first).ok(2, second).ok(3, first).ok(4, second) },
    "open",
    "cannot be observed",
  ],
  ["each replica", replicas, { history: each() }, "works", "a and b each answer"],
  [
    "the other one answered",
    replicas,
    {
      history: once()
        .say(5, { thread: "on-b", on: "b" })
        .entry({
          ...{ kind: "attempt.end", attempt: "attempt-5.1", replica: "a", status: 200 },
          ...{ outcome: { kind: "ok", reply: "" }, list: null },
        }),
    },
    "broken",
    "a request for b reached a",
  ],
  [
    "a silent replica",
    replicas,
    { history: once().unknown(5, { thread: "on-b", on: "b" }) },
    "broken",
    "a turn on b failed: socket hang up",
  ],
  [
    "an unknown thread is refused",
    unknownThread,
    { history: begun().failed(8, { ...stray, why: "404", status: 404 }) },
    "works",
    "refused with 404, without a model call",
  ],
  [
    "an unknown thread is answered",
    unknownThread,
    { history: begun().ok(8, { ...stray, sees: "" }) },
    "open",
    "the service answers a turn on an unknown thread (200), and the model was called",
  ],
  [
    "a refusal that is not declared",
    unknownThread,
    { history: begun().unknown(8, { ...stray, why: "422", status: 422 }) },
    "open",
    "add 422 to refusals",
  ],
  [
    "a retry without a second effect",
    retry,
    {
      history: begun()
        .ok(9, { thread: "retried", sees: "" })
        .ok(9)
        .ok(10, { thread: "retried", sees: "9" }),
    },
    "works",
    "runs once, and is 1 × on the thread",
  ],
  [
    "a retry that runs again",
    retry,
    {
      history: begun()
        .ok(9, { thread: "retried", sees: "" })
        .ok(9)
        .ok(10, { thread: "retried", sees: "9 9" }),
    },
    "broken",
    "runs again, and is 2 × on the thread",
  ],
  [
    "a request id that is not sent",
    retry,
    {
      history: begun().ok(9, { thread: "retried" }).ok(9),
      target: { say: { post: "/say", reply: "$.reply" } },
    },
    "broken",
    "say does not contain ${turn}",
  ],
  ["a deleted thread", deletion, { history: begun().deleted("second") }, "works", "answered 204"],
  [
    "a thread that cannot be deleted",
    deletion,
    { history: begun().deleted("second", false) },
    "broken",
    "answered 500",
  ],
];

test.each(rows)("%s", (_, find, given, state, says) => {
  const finding = find(evidenceOf(given));
  expect(finding.says).toContain(says);
  expect(finding.state).toBe(state);
});
