import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { noSuccessWithoutSaving } from "./no-success-without-saving.ts";

type HandWritten = ReturnType<typeof handWritten>;

const full = "the disk is full";
const steps = ["search", "book"];

function verdictOf(history: HandWritten) {
  return noSuccessWithoutSaving.judge(history.history());
}

function kindsIn(history: HandWritten) {
  const verdict = verdictOf(history);
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** The first tool of a turn is being called when the disk is full. */
function searching(): HandWritten {
  return handWritten()
    .say(1, { steps })
    .modelCall(1, "", { tools: ["search"] })
    .tool(1, "search")
    .outage(full);
}

test("a turn that ends with an error, having done no more, holds", () => {
  const history = searching().unknown(1, { why: "503 no space left" }).heal(full);
  expect(verdictOf(history)).toEqual({ kind: "holds", checked: 1 });
});

test("a tool that was asked for before the outage may be called: it may have been saved", () => {
  const asked = handWritten()
    .say(1, { steps })
    .modelCall(1, "", { tools: ["search"] })
    .outage(full)
    .tool(1, "search")
    .unknown(1)
    .heal(full);
  expect(kindsIn(asked)).toBe("holds");
});

test("a tool that the model asks for when nothing can be saved is an unsaved effect", () => {
  const goes = searching()
    .modelCall(1, "", { ordinal: 2, tools: ["book"] })
    .tool(1, "book", { ordinal: 2 })
    .unknown(1)
    .heal(full);
  expect(verdictOf(goes)).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "unsaved-effect",
        because: expect.stringMatching(
          /^book of turn tpq-00000001 was called on a after model call 2\b/,
        ),
        faults: [full],
      },
    ],
  });
});

test("a reply that could not be saved must not be given", () => {
  const swallowed = searching()
    .modelCall(1, "", { ordinal: 2, tools: ["book"] })
    .tool(1, "book", { ordinal: 2 })
    .modelCall(1, "", { ordinal: 3 })
    .ok(1)
    .heal(full);
  expect(kindsIn(swallowed)).toEqual(["unsaved-success", "unsaved-effect"]);
  const fresh = handWritten().ok(1).outage(full).ok(2, { sees: "" }).heal(full);
  expect(verdictOf(fresh)).toMatchObject({
    diagnoses: [
      {
        kind: "unsaved-success",
        because: expect.stringMatching(
          /^turn tpq-00000002 was reported as done by a, .*disk is full\)$/,
        ),
      },
    ],
  });
});

test("a reply that had been saved may be given again", () => {
  const stored = handWritten().ok(1, { sees: "" }).outage(full).ok(1).heal(full);
  expect(kindsIn(stored)).toBe("holds");
});

test("an answer after the outage was saved", () => {
  const waits = handWritten().outage(full).say(1).modelCall(1, "").heal(full).ok(1);
  expect(kindsIn(waits)).toBe("holds");
});

test("without an outage, or a turn in it, there is nothing to judge", () => {
  expect(kindsIn(handWritten().fault("kill a").ok(1, { sees: "" }).heal("kill a"))).toBe(
    "inconclusive",
  );
  expect(kindsIn(handWritten().ok(1).outage(full).heal(full).ok(2))).toBe("inconclusive");
});
