// Findings about wires, prompts and hooks: each part once when it works, and once per mistake.
import { describe, expect, test } from "vitest";
import { a, q } from "../../../test/support/shorthand.ts";
import type { Event, TableSize } from "../../history/history.ts";
import { parseConfiguration } from "../../config/configuration.ts";
import type { Evidence } from "./observed.ts";
import { hooking } from "./hook-checks.ts";
import { modelCalls, promptShape, sideCalls } from "./prompts.ts";
import {
  begun,
  both,
  described,
  each,
  evidenceOf,
  first,
  once,
  type Row,
} from "../../../test/support/doctor-evidence.ts";
import { databaseWire, modelWire, storage, toolsWire } from "./wires-check.ts";

function survey(label: string, tables: readonly TableSize[], ofThread = tables): Event {
  return { kind: "survey", label, turns: null, thread: null, tables, ofThread, orphans: {} };
}

const table = (name: string, rows: number): TableSize => ({ table: name, rows, bytes: rows });

const tooled = () => once().say(6, { thread: "tools", steps: ["search"] });
const side: Event = {
  ...({ kind: "model.call", call: "side", replica: "a", turn: null, ordinal: 0 } as const),
  ...{ list: [], malformed: null, transcript: [{ role: "system", text: "Give it a title." }] },
};

const rows: Row[] = [
  ["both replicas call the model", modelWire, { history: each() }, "works", "called by a and b"],
  [
    "b calls another model",
    modelWire,
    { history: once().ok(5, { thread: "on-b", on: "b" }) },
    "broken",
    "b answered without calling it",
  ],
  [
    "the model URL is not in env",
    modelWire,
    { history: begun({ capabilities: [] }).ok(1, first) },
    "open",
    'add env: { OPENAI_BASE_URL: "${model}/v1" }',
  ],
  ["both replicas connect", databaseWire, { history: once() }, "works", "1 by a and 1 by b"],
  [
    "b does not connect",
    databaseWire,
    { history: once(), seen: { connections: { a: 1, b: 0 } } },
    "broken",
    "b did not connect to it",
  ],
  [
    "rows",
    storage,
    {
      history: begun()
        .entry(survey("before", [table("messages", 1)]))
        .entry(survey("after", [table("messages", 3)])),
    },
    "works",
    "messages +2",
  ],
  [
    "checkpoint tables without rows",
    storage,
    {
      history: begun()
        .entry(survey("before", [table("checkpoints", 0)]))
        .entry(survey("after", [table("checkpoints", 0)])),
    },
    "broken",
    "the tables of PostgresSaver exist, but checkpoints has no rows",
  ],
  [
    "no tables",
    storage,
    { history: begun().entry(survey("before", [])).entry(survey("after", [])) },
    "broken",
    "the database has no table: the service stores conversations elsewhere",
  ],
  [
    "a tool that is called",
    toolsWire,
    {
      history: tooled()
        .modelCall(6, "", { tools: ["search"] })
        .tool(6, "search")
        .ok(6),
    },
    "works",
    "the tools wire received search, with an idempotency key",
  ],
  [
    "a tool that is not offered",
    toolsWire,
    { history: tooled().modelCall(6, "").ok(6) },
    "broken",
    "does not offer it to its model",
  ],
  [
    "a tool that acts elsewhere",
    toolsWire,
    {
      history: tooled()
        .modelCall(6, "", { tools: ["search"] })
        .ok(6),
    },
    "broken",
    "${tools}/search got no call",
  ],
  ["one call", modelCalls, { history: both() }, "works", "1 per turn"],
  ["no side calls", sideCalls, { history: both() }, "works", "none"],
  [
    "titles",
    sideCalls,
    {
      history: once()
        .say(3, { ...first })
        .entry(side)
        .ok(3, { sees: "1" }),
    },
    "works",
    "1 in 1 turns, for example “Give it a title.”",
  ],
  [
    "a history as messages",
    promptShape,
    { history: both() },
    "works",
    "as messages (user, assistant, user)",
  ],
  [
    "a history as text",
    promptShape,
    {
      history: once()
        .say(3, first)
        .entry({
          ...{ kind: "model.call", call: "flat", replica: "a", turn: "tpq-00000003", ordinal: 1 },
          ...{ list: [q(1), a(1)], malformed: null },
          transcript: [{ role: "user", text: `${q(1)} ${a(1)} ${q(3)}` }],
        })
        .ok(3),
    },
    "works",
    "as text in one message",
  ],
];

test.each(rows)("%s", (_, find, given, state, says) => {
  const finding = find(evidenceOf(given));
  expect(finding.says).toContain(says);
  expect(finding.state).toBe(state);
});

describe("hooks of a deployed target", () => {
  const { start: _, env: __, ...talks } = described;
  const hooked = (hooks: object, seen: Partial<Evidence> = {}) => {
    const target = { ...talks, kind: "url", address: "http://127.0.0.1:1", hooks };
    const mine = parseConfiguration({ targets: { mine: target } }, "my.ts").targets["mine"];
    if (mine === undefined) throw new Error("the target is gone");
    return hooking({ ...evidenceOf({ history: begun(), seen }), target: mine });
  };
  const pair = { kill: "docker kill app-${replica}", start: { post: "http://127.0.0.1:1/start" } };

  test("are listed as a run would call them", () => {
    const { state, says } = hooked({ ...pair, logs: "cat log" }, { logged: { lines: ["hello"] } });
    expect(state).toBe("works");
    expect(says).toContain("the log of a ends with “hello”");
    expect(says).toContain("kill: docker kill app-a · start: POST http://127.0.0.1:1/start");
    expect(says).toContain("--allow-hooks");
  });

  test("a hook without its counterpart is broken", () => {
    const { state, says } = hooked({ kill: "docker kill app" });
    expect([state, says.split(";")[0]]).toEqual(["broken", "kill needs start"]);
  });

  test("an unreadable log is broken", () => {
    const failed = "hooks.logs of replica a ended with 1";
    expect(hooked({ ...pair, logs: "false" }, { logged: { failed } })).toEqual({
      state: "broken",
      says: expect.stringContaining(failed),
    });
  });
});
