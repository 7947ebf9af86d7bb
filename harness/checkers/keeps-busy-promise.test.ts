import { expect, test } from "vitest";
import type { Promises } from "../history/promises.ts";
import { handWritten } from "../../test/support/hand-written.ts";
import { keepsBusyPromise } from "./keeps-busy-promise.ts";

type HandWritten = ReturnType<typeof handWritten>;

function kindsIn(history: HandWritten) {
  const verdict = keepsBusyPromise.judge(history.history());
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** Turn 1 is inside its model call when turn 2 comes to the other replica. */
function busy(concurrency: Promises["concurrency"]): HandWritten {
  const begun = handWritten({ promises: { concurrency } }).say(1).fault("hold model call 1");
  return begun.modelCall(1, "", { answered: false }).say(2, { on: "b" });
}

const broken = ["busy-promise-broken"];

test("a thread that rejects refuses the second message", () => {
  expect(kindsIn(busy("reject").failed(2).ok(1))).toBe("holds");
  expect(kindsIn(busy("reject").modelCall(2, "").ok(2).ok(1))).toEqual(broken);
  expect(kindsIn(busy("reject").wait(1_000).ok(1).ok(2))).toEqual(broken);
  expect(kindsIn(busy("reject").unknown(2, { status: 500 }).ok(1))).toEqual(broken);
});

test("a message that arrives when the turn is over breaks nothing", () => {
  expect(kindsIn(busy("reject").wait(100).ok(1).modelCall(2, "1").ok(2))).toBe("holds");
});

test("a thread that queues answers the second message after the first", () => {
  expect(kindsIn(busy("enqueue").wait(1_000).ok(1).modelCall(2, "1").ok(2))).toBe("holds");
  expect(kindsIn(busy("enqueue").failed(2).ok(1))).toEqual(broken);
  expect(kindsIn(busy("enqueue").failed(2, { status: 429 }).ok(1))).toBe("holds");
  expect(kindsIn(busy("enqueue").modelCall(2, "").ok(2).ok(1))).toEqual(broken);
});

test("a thread that interrupts gives up the first turn for the second", () => {
  expect(kindsIn(busy("interrupt").unknown(1).modelCall(2, "q1").ok(2))).toBe("holds");
  expect(kindsIn(busy("interrupt").wait(1_000).ok(1).ok(2))).toEqual(broken);
  expect(kindsIn(busy("interrupt").failed(2).ok(1))).toEqual(broken);
});

test("the diagnosis quotes the promise and says what came instead", () => {
  expect(keepsBusyPromise.judge(busy("enqueue").failed(2).ok(1).history())).toMatchObject({
    because:
      'promises.concurrency is "enqueue", and turn tpq-00000002 on b, which came while turn ' +
      "tpq-00000001 was under way, ended with failed: 409 thread is busy",
  });
});

test("without a promise, or a busy thread, it holds; under a fault it is inconclusive", () => {
  expect(kindsIn(busy("none").ok(2).ok(1))).toBe("holds");
  expect(kindsIn(handWritten().ok(1, { sees: "" }).ok(2, { sees: "1" }))).toBe("holds");
  expect(kindsIn(busy("reject").fault("cut").ok(2).ok(1))).toBe("inconclusive");
});
