// A service with its own model and no endpoint to read a thread is judged by its replies.
import { expect, test } from "vitest";
import { described, judge } from "../support/judge-example.ts";

const names = ["round-robin", "restart"];
const services = await described("blind");

const judged = (...targets: string[]) => judge(services, { scenarios: names, targets });

test("replies that repeat earlier messages, unasked or asked, tell good and naive apart", async () => {
  const { results } = await judged("always", "asked");
  const seen = results.map((it) => [it.target, it.variant, it.asExpected, it.seenThrough].join());
  const cases = (target: string, eye: string) =>
    [null, "memory"].map((variant) => [target, variant, true, eye].join());
  const each = [...cases("always", "replies"), ...cases("asked", "asking it to repeat")];
  expect(new Set(seen)).toEqual(new Set(each));
  expect(seen).toHaveLength(names.length * each.length);
});

test("a constant reply or an echo shows no memory, and the verdict says what to configure", async () => {
  const { results } = await judged("echo", "constant");
  expect(results).toHaveLength(2 * names.length);
  for (const { verdict, seenThrough } of results) {
    const because = expect.stringMatching(
      /do not repeat the conversation, .* give `read`/,
    ) as string;
    expect([verdict, seenThrough]).toEqual([{ kind: "inconclusive", because }, []]);
  }
});

test("a database that a service never uses has a diagnosis", async () => {
  const { results } = await judged("unsaved");
  const restart = results.find(({ scenario }) => scenario === "restart");
  expect(restart?.diagnoses.map(({ kind }) => kind)).toEqual(["amnesia"]);
});
