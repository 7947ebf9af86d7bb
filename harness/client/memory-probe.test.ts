import { expect, test } from "vitest";
import { a, q } from "../../test/support/shorthand.ts";
import { Sight } from "./memory-probe.ts";

const blind = () => new Sight(["replicas", "kill"]);

test("nothing is asked where prompts or states are seen", () => {
  const wanted = ([[], ["model"], ["state"]] as const).map((it) => new Sight(it).isWanted);
  expect(wanted).toEqual([true, false, false]);
});

test("replies that repeat what was told before show the thread, with what was said just now", () => {
  const sight = blind();
  expect(sight.shown(`told: ${q(1)}`, "workload", q(2))).toBeNull();
  sight.learn("replies", `told: ${q(1)}`, [q(1)]);
  expect(sight.shown(`told: ${q(1)}, and ${q(2)}`, "workload", q(2))).toEqual([q(1), q(2)]);
  expect(sight.shown("told: nothing", "workload", q(2))).toEqual([q(2)]);
  expect(sight.asks).toBe(false);
});

test("who repeats when it is asked to is asked; an echo, or half of it, shows nothing", () => {
  const sight = blind();
  sight.learn("replies", `you typed ${q(2)}`, [q(1)]);
  sight.learn("repeats", `only ${q(2)}`, [q(1), q(2)]);
  expect(sight.asks).toBe(false);
  sight.learn("repeats", `${q(1)} ${q(2)}`, [q(1), q(2)]);
  expect(sight.asks).toBe(true);
  expect(sight.shown(`${q(1)} ${a(1)}`, "repeat", q(3))).toEqual([q(1), a(1)]);
  expect(sight.shown(`${q(1)}`, "workload", q(3))).toBeNull();
});
