import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { transcriptWellFormed } from "./transcript-well-formed.ts";

const orphan = "tool_call_ids did not have response messages: call_1";

test("transcripts that a provider accepts hold", () => {
  const history = handWritten().ok(1, { sees: "" }).ok(2, { sees: "1" }).history();
  expect(transcriptWellFormed.judge(history)).toEqual({ kind: "holds", checked: 2 });
});

test("a tool call without its result is orphaned, with the fault that it came after", () => {
  const history = handWritten()
    .say(1, { steps: ["book"] })
    .modelCall(1, "", { tools: ["book"] })
    .fault("kill a", "a")
    .unknown(1)
    .heal("kill a")
    .say(2, { on: "b" })
    .modelCall(2, "q1", { malformed: orphan })
    .unknown(2)
    .say(2, { on: "b" })
    .modelCall(2, "q1", { malformed: orphan })
    .unknown(2)
    .history();
  expect(transcriptWellFormed.judge(history)).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "orphaned-tool-call",
        because:
          `2 model calls (turns tpq-00000002) from b carried a transcript that the provider ` +
          `refuses, first after kill a: ${orphan}`,
        faults: ["kill a"],
      },
    ],
  });
});

test("a side call counts too, and a fault in the messages is another diagnosis", () => {
  const history = handWritten()
    .entry({
      kind: "model.call",
      call: "title",
      replica: "a",
      turn: null,
      ordinal: 0,
      list: [],
      malformed: "messages: roles must alternate",
      transcript: [],
    })
    .history();
  expect(transcriptWellFormed.judge(history)).toMatchObject({
    diagnoses: [
      { kind: "malformed-transcript", because: expect.stringMatching(/without any fault/) },
    ],
  });
});

test("a model that was never called is nothing to judge", () => {
  const history = handWritten().ok(1).history();
  expect(transcriptWellFormed.judge(history)).toMatchObject({ kind: "inconclusive" });
});
