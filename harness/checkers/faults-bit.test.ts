import { expect, test } from "vitest";
import { faultsBit } from "./faults-bit.ts";
import { handWritten } from "../../test/support/hand-written.ts";

test("a run without faults has nothing to prove", () => {
  expect(faultsBit.judge(handWritten().ok(1).history())).toEqual({ kind: "holds", checked: 0 });
});

test("faults that each had an effect hold", () => {
  const history = handWritten().fault("kill a").heal("kill a").fault("hold").heal("hold").history();
  expect(faultsBit.judge(history)).toEqual({ kind: "holds", checked: 2 });
});

test("a fault without effect makes the verdict inconclusive, and is named", () => {
  const history = handWritten().fault("kill a").heal("kill a").fault("hold").heal("hold", null);
  expect(faultsBit.judge(history.history())).toEqual({
    kind: "inconclusive",
    because: "hold met nothing (nothing was in flight)",
  });
});

test("a fault that was never healed makes the verdict inconclusive", () => {
  expect(faultsBit.judge(handWritten().fault("kill a").history())).toMatchObject({
    kind: "inconclusive",
    because: expect.stringMatching(/^kill a was never healed/),
  });
});
