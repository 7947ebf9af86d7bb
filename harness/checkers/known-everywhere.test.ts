import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { knownEverywhere } from "./known-everywhere.ts";

const judge = (it: ReturnType<typeof handWritten>) => knownEverywhere.judge(it.history());

/** A turn whose job was accepted by a, and denied by these when they were asked for it. */
function polled(it: ReturnType<typeof handWritten>, turn: number, deniedBy: readonly string[]) {
  const outcome = { kind: "ok", reply: "" } as const;
  const end = { outcome, replica: "a", status: 202, list: null, deniedBy };
  return it
    .say(turn, { on: "a" })
    .entry({ kind: "attempt.end", attempt: `attempt-${turn}.1`, ...end });
}

test("a job that another replica does not know is a finding, even if the turn was answered", () => {
  const verdict = judge(polled(polled(handWritten(), 1, ["b"]), 2, ["b"]));
  expect(verdict).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "unknown-elsewhere",
        because:
          'b answered "no such job" for the job of turn tpq-00000001, which a had accepted (and 1 more turns)',
      },
    ],
  });
});

test("the replica that accepted a job may itself be slow to find it", () => {
  expect(judge(polled(handWritten(), 1, ["a"]))).toEqual({ kind: "holds", checked: 1 });
});

test("attempts during a fault, or while a replica ends, are not judged", () => {
  const faulty = handWritten().fault("kill a", "a");
  expect(judge(polled(faulty, 1, ["b"]).heal("kill a")).kind).toBe("inconclusive");
  const said = handWritten().say(1, { on: "a" }).restart("a");
  const end = {
    outcome: { kind: "ok", reply: "" } as const,
    replica: "a",
    status: 202,
    list: null,
  };
  const died = said.entry({ kind: "attempt.end", attempt: "attempt-1.1", ...end, deniedBy: ["b"] });
  expect(judge(died).kind).toBe("inconclusive");
  const held = handWritten().fault("hold model call 1");
  expect(judge(polled(held, 1, ["b"])).kind).toBe("violated");
});

test("a thread that one replica acknowledged and another one refuses is a finding", () => {
  const history = handWritten()
    .ok(1, { on: "a" })
    .failed(2, { on: "b", status: 404, why: "404 no such chat" });
  expect(judge(history)).toMatchObject({
    diagnoses: [
      {
        kind: "unknown-elsewhere",
        because:
          "thread t, on which a had acknowledged turn tpq-00000001, is not known to b: turn tpq-00000002 " +
          "failed: 404 no such chat",
      },
    ],
  });
});

test("a busy thread is known, and one that was never acknowledged may be unknown", () => {
  const busy = handWritten().ok(1, { on: "a" }).failed(2, { on: "b", status: 409 });
  expect(judge(busy).kind).toBe("holds");
  const fresh = handWritten().failed(1, { on: "b", status: 404 });
  expect(judge(fresh).kind).toBe("holds");
  const same = handWritten().ok(1, { on: "a" }).failed(2, { on: "a", status: 404 });
  expect(judge(same).kind).toBe("holds");
});

test("nothing to judge is inconclusive", () => {
  const none = handWritten().ok(1, { on: "a", purpose: "warm-up" });
  expect(judge(none).kind).toBe("inconclusive");
});
