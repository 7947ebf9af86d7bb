import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { acceptedIsAnswered } from "./accepted-is-answered.ts";

type HandWritten = ReturnType<typeof handWritten>;

function verdictOf(history: HandWritten) {
  return acceptedIsAnswered.judge(history.history());
}

function kindsIn(history: HandWritten) {
  const verdict = verdictOf(history);
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** Turn 2 is accepted with a receipt, and the polls see no reply. */
function accepted(part: { readonly gaveUp?: true } = {}): HandWritten {
  const why = "the job was not over after 30000 ms";
  return handWritten()
    .ok(1, { sees: "" })
    .unknown(2, { why, accepted: true, ...part });
}

test("a job that was accepted and is nowhere at the end is lost", () => {
  const history = accepted().restart("a").finally({ a: "1", b: "1 q2" });
  expect(verdictOf(history)).toMatchObject({
    kind: "violated",
    because:
      "turn tpq-00000002 was accepted by a and never answered (unknown: the job was not over " +
      "after 30000 ms), and its thread shows no reply at the end",
    diagnoses: [{ kind: "lost-job" }],
  });
});

test("a reply that is in the thread at the end, or comes with a retry, is an answer", () => {
  expect(verdictOf(accepted().finally({ a: "1 2" }))).toEqual({ kind: "holds", checked: 1 });
  expect(kindsIn(accepted().ok(2).finally({ a: "1" }))).toBe("holds");
});

test("only a read after the heal shows that it is missing", () => {
  expect(kindsIn(accepted().read("1 q2"))).toBe("holds");
  expect(kindsIn(accepted().finally({}))).toBe("holds");
});

test("a service that reports the end of a job has answered, and a client that left asks no more", () => {
  expect(kindsIn(accepted({ gaveUp: true }).finally({ a: "1 q2" }))).toBe("holds");
  const left = handWritten().ok(1, { sees: "" }).say(2);
  const fault = { fault: "f", name: "client c hangs up", replica: null, stops: null } as const;
  left.entry({ kind: "fault.begin", ...fault, hits: "client" });
  expect(kindsIn(left.unknown(2, { accepted: true }).finally({ a: "1 q2" }))).toBe("holds");
});

test("a turn without a receipt, and a thread that was deleted, are not judged", () => {
  const none = handWritten().ok(1, { sees: "" }).unknown(2).finally({ a: "1 q2" });
  expect(verdictOf(none)).toEqual({ kind: "holds", checked: 0 });
  expect(kindsIn(accepted().deleted().finally({ a: "" }))).toBe("holds");
});
