import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { leavesNoHalfTurn } from "./leaves-no-half-turn.ts";

type HandWritten = ReturnType<typeof handWritten>;

const hangUp = "client t hangs up";

function verdictOf(history: HandWritten) {
  return leavesNoHalfTurn.judge(history.history());
}

function kindsIn(history: HandWritten) {
  const verdict = verdictOf(history);
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** Turn 2 is left by its client in the middle of its tool. */
function left({ acted = true } = {}): HandWritten {
  const said = handWritten()
    .ok(1)
    .say(2, { steps: ["search"] })
    .modelCall(2, "1");
  return (acted ? said.tool(2, "search") : said)
    .fault(hangUp)
    .heal(hangUp)
    .unknown(2, { why: "the client hung up" });
}

test("a turn that is complete in the end holds, however long it was not", () => {
  expect(verdictOf(left().read("1 q2").read("1 q2").read("1 2"))).toEqual({
    kind: "holds",
    checked: 1,
  });
});

test("a message without a reply is half a turn, and the diagnosis names its effects", () => {
  expect(verdictOf(left().read("1 q2"))).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "half-turn",
        because: expect.stringMatching(
          /^turn tpq-00000002 .* without a reply, and search had taken/,
        ),
        remedy: expect.stringMatching(/Do not tie the run to the socket/),
        faults: [hangUp],
      },
    ],
  });
});

test("a repair by the next message comes too late", () => {
  expect(kindsIn(left().read("1 q2").ok(3).read("1 2 3"))).toEqual(["half-turn"]);
  expect(kindsIn(left().read("1 q2").ok(2).read("1 2"))).toEqual(["half-turn"]);
});

test("a turn that is not in the thread must have had no effect", () => {
  expect(kindsIn(left({ acted: false }).read("1"))).toBe("holds");
  expect(kindsIn(left().read("1"))).toEqual(["effect-of-an-absent-turn"]);
});

test("a reply to another message does not count", () => {
  expect(kindsIn(left().read("1 q2 3"))).toEqual(["half-turn"]);
});

test("reads of other threads, and unknown ones, say nothing", () => {
  expect(kindsIn(left().read("1 q2").read(null).read("9", { thread: "u" }))).toEqual(["half-turn"]);
});

test("without a turn that its client left, or a read of its thread, nothing is known", () => {
  expect(kindsIn(handWritten().ok(1).read("1"))).toBe("inconclusive");
  expect(kindsIn(left().ok(3).read("1 2 3"))).toBe("inconclusive");
});
