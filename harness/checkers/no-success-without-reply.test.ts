import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { noSuccessWithoutReply } from "./no-success-without-reply.ts";

type HandWritten = ReturnType<typeof handWritten>;

const fails = "the model answers 500";
const half = "Noted. [tpa-00000002]";

function verdictOf(history: HandWritten) {
  return noSuccessWithoutReply.judge(history.history());
}

function kindsIn(history: HandWritten) {
  const verdict = verdictOf(history);
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** Turn 2 is said while the model gives no reply; this is what it answers instead. */
function failing(calling: { status?: number; brokeOff?: string } = { status: 500 }): HandWritten {
  const said = handWritten().ok(1, { sees: "" }).outage(fails, "replies").say(2);
  return said.modelCall(2, "1", { token: null, ...calling });
}

test("a turn that ends with an error holds, and so does its retry", () => {
  const history = failing().unknown(2, { why: "502 the model failed" }).heal(fails);
  expect(verdictOf(history)).toEqual({ kind: "holds", checked: 1 });
  expect(kindsIn(history.ok(2, { sees: "1 q2" }))).toBe("holds");
});

test("a reply that the model had not given is an unreplied success, and is quoted", () => {
  expect(verdictOf(failing().ok(2, { reply: "Sorry!" }).heal(fails))).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "unreplied-success",
        because: expect.stringMatching(
          /^turn tpq-00000002 was reported as done by a, .* \(the model answers 500\): "Sorry!"$/,
        ),
        remedy: expect.stringMatching(/fail the turn/),
        faults: [fails],
      },
    ],
  });
});

test("the beginning of a broken-off reply is a partial reply, and an apology is not", () => {
  const broken = () => failing({ brokeOff: half });
  expect(kindsIn(broken().ok(2, { reply: "Noted. [tpa" }).heal(fails))).toEqual(["partial-reply"]);
  const apology = broken().ok(2, { reply: "Sorry!" }).heal(fails);
  expect(kindsIn(apology)).toEqual(["unreplied-success"]);
  expect(kindsIn(broken().unknown(2).heal(fails))).toBe("holds");
});

test("a later reply of the model counts: on a second try, or after the heal", () => {
  expect(kindsIn(failing().modelCall(2, "1").ok(2).heal(fails))).toBe("holds");
  expect(kindsIn(failing().heal(fails).ok(2, { reply: "late" }))).toBe("holds");
});

test("turns outside an outage are not judged, and without an outage nothing is known", () => {
  const before = handWritten().ok(1, { reply: "Hello!" }).outage(fails, "replies").heal(fails);
  expect(kindsIn(before)).toBe("inconclusive");
  const other = handWritten().outage("the disk is full").ok(1).heal("the disk is full");
  expect(verdictOf(other)).toEqual({
    kind: "inconclusive",
    because: "no turn was under way while the model gave no reply",
  });
});
