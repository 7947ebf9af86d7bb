// What the doctor says of how one talks with a target: each line once where all is well, and once
// per mistake.
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
    "a is not ready: it ended with code 1: Error: no such table",
  ],
  ["the check answers", readyCheck, { history: begun() }, "works", "GET /health answers 200: {}"],
  [
    "any path is answered alike",
    readyCheck,
    { history: begun(), seen: { nowhere: { status: 200, body: "{}" } } },
    "open",
    "so does a path that does not exist",
  ],
  [
    "200 unhealthy",
    readyCheck,
    { history: begun(), seen: { looks: { a: { status: 200, body: '{"status":"unhealthy"}' } } } },
    "broken",
    "say what its body must hold",
  ],
  ["a reply", turn, { history: once() }, "works", `“noted ${a(1)}” after`],
  [
    "not the model's reply",
    turn,
    { history: begun().ok(1, { ...first, sees: "", reply: "t1" }) },
    "works",
    "the model had said another thing",
  ],
  [
    "no reply in 200",
    turn,
    { history: begun().unknown(1, { ...first, why: "200 {}", status: 200 }) },
    "broken",
    "POST /say got unknown: 200 {}; look at say.reply",
  ],
  [
    "a page",
    turn,
    { history: begun().unknown(1, { ...first, why: "200 and a page of HTML: <p>", status: 200 }) },
    "broken",
    "look at the path of say, and at what stands before the service",
  ],
  [
    "a wrong method",
    turn,
    { history: begun().unknown(1, { ...first, why: "405", status: 405 }) },
    "broken",
    "look at the method of say",
  ],
  [
    "it died of the turn",
    turn,
    { history: begun().say(1, first).exit("a", "SIGSEGV", false).unknown(1) },
    "broken",
    "a died of it",
  ],
  ["what was said", read, { history: once().read("1", first) }, "works", "and the reply"],
  ["no answer", read, { history: once().read(null, first) }, "broken", "timed out; look at read"],
  ["an empty list", read, { history: once().read("", first) }, "broken", "look at read.list"],
  [
    "another's list",
    read,
    { history: once().read("7", first) },
    "broken",
    "finds other tokens in it, and not what was just said",
  ],
  [
    "the second view, the same",
    secondView,
    { history: once().read("1", first).read("1", first), target: { secondView: viewOf } },
    "works",
    "$.log finds what was said, and the reply, as read does",
  ],
  [
    "the second view alone",
    secondView,
    { history: once().read("1", first), target: { read: undefined, secondView: viewOf } },
    "works",
    "$.log finds what was said, and the reply",
  ],
  ["no second view", secondView, { history: once().read("1", first) }, "open", "add secondView"],
  [
    "the second view, another list",
    secondView,
    { history: once().read("1", first).read("1 1", first), target: { secondView: viewOf } },
    "broken",
    "it finds 4 messages with a token of ours, and read 2, or in another order",
  ],
  [
    "the second view, without what was said",
    secondView,
    { history: once().read("1", first).read("", first), target: { secondView: viewOf } },
    "broken",
    "look at secondView.list",
  ],
  [
    "the second view, without an answer",
    secondView,
    { history: once().read("1", first).read(null, first), target: { secondView: viewOf } },
    "broken",
    "GET /log/${thread}: timed out; look at secondView",
  ],
  [
    "an approval",
    resumption,
    { history: once().interrupted(6, waits).ok(6), target: approving },
    "works",
    "POST /approve/${thread} lets a turn that waits for an approval go on to its reply",
  ],
  [
    "an approval that is not taken",
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
    "POST /approve/${thread} did not bring the turn to its end: 404; look at resume",
  ],
  [
    "nobody waits for an approval",
    resumption,
    { history: once(), target: approving },
    "open",
    "none of these turns waited for an approval",
  ],
  [
    "nobody can say that he waits for an approval",
    resumption,
    { history: once(), target: { resume: approving.resume } },
    "broken",
    'add say.means, as [{ path: "$.…", means: "interrupted" }]',
  ],
  [
    "an approval that nobody gives",
    resumption,
    { history: once().interrupted(6, waits) },
    "broken",
    "nothing says how it is given: add resume",
  ],
  ["no approval", resumption, { history: once() }, "open", "none is declared: add resume"],
  ["two threads", threadsApart, { history: both() }, "works", "do not see each other"],
  [
    "they mix",
    threadsApart,
    { history: once().ok(2, { ...second, sees: "1" }) },
    "broken",
    "does the service take the thread id from where say sends it?",
  ],
  [
    "no thread id is sent",
    threadsApart,
    {
      history: once().ok(2, { ...second, sees: "1" }),
      target: { thread: { make: "${uuid}" }, say: { post: "/say", reply: "$.reply" } },
    },
    "broken",
    "${thread} stands nowhere in say",
  ],
  [
    "it forgets",
    threadsApart,
    {
      history: twice()
        .ok(3, { ...first, sees: "" })
        .ok(4, { ...second, sees: "" }),
    },
    "broken",
    "does not see the first, on the same replica",
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
    "was not answered: 500",
  ],
  [
    "nothing is seen",
    threadsApart,
    { history: begun().ok(1, first).ok(2, second).ok(3, first).ok(4, second) },
    "open",
    "cannot be seen",
  ],
  ["each when asked", replicas, { history: each() }, "works", "a and b answer"],
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
    "b was asked, and a answered",
  ],
  [
    "one is silent",
    replicas,
    { history: once().unknown(5, { thread: "on-b", on: "b" }) },
    "broken",
    "a turn on b was not answered: socket hang up",
  ],
  [
    "an unknown thread is refused",
    unknownThread,
    { history: begun().failed(8, { ...stray, why: "404", status: 404 }) },
    "works",
    "refused with 404 before anything ran",
  ],
  [
    "an unknown thread is answered",
    unknownThread,
    { history: begun().ok(8, { ...stray, sees: "" }) },
    "open",
    "is answered all the same (200), and the model was called",
  ],
  [
    "a refusal that is not declared",
    unknownThread,
    { history: begun().unknown(8, { ...stray, why: "422", status: 422 }) },
    "open",
    "add 422 to refusals",
  ],
  [
    "a retry that is known",
    retry,
    {
      history: begun()
        .ok(9, { thread: "retried", sees: "" })
        .ok(9)
        .ok(10, { thread: "retried", sees: "9" }),
    },
    "works",
    "runs once, and stands 1 × on the thread",
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
    "runs again, and stands 2 × on the thread",
  ],
  [
    "a request id that is not sent",
    retry,
    {
      history: begun().ok(9, { thread: "retried" }).ok(9),
      target: { say: { post: "/say", reply: "$.reply" } },
    },
    "broken",
    "${turn} stands nowhere in say",
  ],
  ["a thread goes", deletion, { history: begun().deleted("second") }, "works", "answered 204"],
  [
    "it does not",
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
