import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { remembersEverything } from "./remembers-everything.ts";
import { seenThrough } from "./seen-through.ts";

test("a reply to the request to repeat is a read of the thread, and the request no message", () => {
  const capabilities = ["replicas"] as const;
  const history = (repeated: string) =>
    handWritten({ capabilities })
      .ok(1, { reply: "fine" })
      .ok(2, { reply: "fine" })
      .phase("final")
      .ok(3, { purpose: "repeat", list: repeated })
      .ok(4, { purpose: "repeat", list: repeated, on: "b" })
      .history();
  expect(remembersEverything.judge(history("q1 q2"))).toMatchObject({ kind: "holds" });
  expect(remembersEverything.judge(history("q2"))).toMatchObject({
    kind: "violated",
    because: expect.stringMatching(/what was repeated on a does not show tpq-00000001/),
  });
  expect(seenThrough(history("q1 q2"))).toEqual(["asking it to repeat"]);
});

test("the sources that showed a thread are listed, without those of the warm-up", () => {
  const warm = handWritten().ok(1, { thread: "w", purpose: "warm-up", sees: "", list: "1" });
  expect(seenThrough(warm.history())).toEqual([]);
  const seen = warm.ok(2, { sees: "" }).ok(3, { list: "2 3" }).read("2 3");
  expect(seenThrough(seen.history())).toEqual(["model wire", "state", "replies"]);
});

test("the last reads are those after the restart of every replica", () => {
  const stuck = handWritten()
    .ok(1, { sees: "" })
    .finally({ a: "1" })
    .unknown(2, { purpose: "last" });
  const again = stuck.phase("restart").restart("a").ok(2, { purpose: "last", sees: "" });
  expect(remembersEverything.judge(again.history())).toMatchObject({
    diagnoses: [{ kind: "amnesia" }],
  });
});
