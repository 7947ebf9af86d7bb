import { expect, test } from "vitest";
import { a, q } from "../../test/support/shorthand.ts";
import { MemoryProbe } from "./memory-probe.ts";

const blind = () => new MemoryProbe(["replicas", "kill"]);

test("the probe is wanted only if neither prompts nor states are visible", () => {
  const wanted = ([[], ["model"], ["state"]] as const).map((it) => new MemoryProbe(it).isWanted);
  expect(wanted).toEqual([true, false, false]);
});

test("replies that repeat earlier messages show the thread, with the current message", () => {
  const memory = blind();
  expect(memory.shown(`you said ${q(1)}`, "workload", q(2))).toBeNull();
  memory.learn("replies", `you said ${q(1)}`, [q(1)]);
  expect(memory.shown(`you said ${q(1)} and ${q(2)}`, "workload", q(2))).toEqual([q(1), q(2)]);
  expect(memory.shown("you said nothing", "workload", q(2))).toEqual([q(2)]);
  expect(memory.asks).toBe(false);
});

test("the harness asks an agent that recalls all messages, not one that echoes a part", () => {
  const memory = blind();
  memory.learn("replies", `you typed ${q(2)}`, [q(1)]);
  memory.learn("repeats", `only ${q(2)}`, [q(1), q(2)]);
  expect(memory.asks).toBe(false);
  memory.learn("repeats", `${q(1)} ${q(2)}`, [q(1), q(2)]);
  expect(memory.asks).toBe(true);
  expect(memory.shown(`${q(1)} ${a(1)}`, "repeat", q(3))).toEqual([q(1), a(1)]);
  expect(memory.shown(`${q(1)}`, "workload", q(3))).toBeNull();
});
