import { expect, test } from "vitest";
import type { Capability } from "../history/capability.ts";
import type { Verdict } from "./verdict.ts";
import { channelsAgree } from "./channels-agree.ts";
import { handWritten } from "../../test/support/hand-written.ts";
import { type Blocks, tokens } from "../../test/support/shorthand.ts";

/** Each read of the state: its messages, and what its channel holds. */
function judged(...reads: readonly [list: Blocks, held: Blocks][]): Verdict {
  const history = handWritten().ok(1, { sees: "" }).ok(2, { sees: "1" });
  for (const [place, [list, held]] of reads.entries()) {
    history.readBegin(`read-${place}`, { on: "b" }).entry({
      ...{ kind: "read.end", read: `read-${place}`, replica: "b", status: 200, why: null },
      ...{ list: tokens(list), channels: { preview: tokens(held) } },
    });
  }
  return channelsAgree.judge(history.history());
}

test("a state of one moment holds, whatever the order of the turns", () => {
  expect(judged(["1", "q1"], ["1 2", "q2"])).toEqual({ kind: "holds", checked: 2 });
  expect(judged(["2", "q2"], ["2 1", "q1"])).toMatchObject({ kind: "holds" });
  expect(judged(["", ""], ["1 q2", "q2"], ["1 2", "q2"])).toMatchObject({ kind: "holds" });
});

test("the last reply stays the last one while the next turn is under way", () => {
  expect(judged(["1", "a1"], ["1 q2", "a1"], ["1 2", "a2"])).toMatchObject({ kind: "holds" });
  expect(judged(["q1", ""], ["1", "1"], ["1 2", "2"])).toMatchObject({ kind: "holds" });
});

test.each<[string, Blocks, Blocks]>([
  ["the messages of one turn with the channel of another", "1", "q2"],
  ["a channel that an earlier turn has left", "1 2", "q1"],
  ["a channel that is gone", "1 2", ""],
  ["messages that are gone", "", "q2"],
])("%s are torn", (_, list, held) => {
  expect(judged(["1", "q1"], [list, held])).toMatchObject({
    kind: "violated",
    diagnoses: [{ kind: "torn-state", because: expect.stringContaining(" as preview, and ") }],
    evidence: [{ kind: "read.end", channels: { preview: tokens(held) } }],
  });
});

test("a target without channels is not judged, nor one whose channels are empty", () => {
  expect(channelsAgree.needs).toEqual(["channels"] satisfies Capability[]);
  const silent = handWritten().ok(1, { sees: "" }).read("1").history();
  expect(channelsAgree.judge(silent)).toMatchObject({ kind: "inconclusive" });
  expect(judged(["1", ""])).toMatchObject({ kind: "inconclusive" });
});
