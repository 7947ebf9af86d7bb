// The proof that the harness is general: services that share nothing with the reference app, nor
// with one another, each described as its owner would describe it, get the right verdict for the
// right reason in their good and in their naive forms. They are started for real: this takes a
// minute and a half on an idle machine.
import { describe, expect, test } from "vitest";
import { judge, stranger, surprises } from "../support/judge-example.ts";

describe.each(["bare", "sse", "jobs"])("%s", async (name) => {
  const service = await stranger(name);

  test("good and naive are told apart, each for the right reason", async () => {
    const report = await judge(service);
    expect(surprises(report)).toEqual([]);
    expect(report.notRun.filter(({ checker }) => checker === undefined)).toEqual([]);
    const unbitten = report.results.flatMap((it) =>
      it.faults
        .filter(({ bite }) => !bite.bit)
        .map(({ name: fault }) => `${it.scenario}, ${it.variant ?? "plain"}: ${fault}`),
    );
    // Who replies before it saves is often dead before it asks the database to.
    const early = "kill-after-reply, done-before-saved: saves slowed by 300 ms";
    expect(unbitten.filter((it) => it !== early)).toEqual([]);
  });

  test("every naive form is expected to break something", () => {
    const variants = Object.values(service.target.variants);
    const kinds = variants.map(({ breaks }) => Object.values(breaks).map(({ kind }) => kind));
    expect(kinds.length).toBeGreaterThan(0);
    for (const it of kinds) expect(new Set(it)).toEqual(new Set(["violated"]));
  });
});

test("a memory of each process needs two replicas, one that dies with it does not", async () => {
  const { results } = await judge(await stranger("bare"), {
    scenarios: ["round-robin", "restart"],
    variants: ["memory"],
  });
  const control = Object.fromEntries(results.map((it) => [it.scenario, it.control?.says]));
  expect(control).toEqual({
    "round-robin": "needs two replicas",
    restart: "one replica suffices",
  });
});
