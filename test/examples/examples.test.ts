// The harness is general: services that share no code with the reference app or with each other get
// the right verdict for the right reason, in their good and in their naive forms. Real processes
// take a minute and a half on an idle machine.
import { describe, expect, test } from "vitest";
import { example, judge, surprises } from "../support/judge-example.ts";

describe.each(["bare", "sse", "jobs"])("%s", async (name) => {
  const service = await example(name);

  test("the verdicts tell good and naive apart, for the right reason", async () => {
    const report = await judge(service);
    expect(surprises(report)).toEqual([]);
    expect(report.notRun.filter(({ checker }) => checker === undefined)).toEqual([]);
    const unbitten = report.results.flatMap((it) =>
      it.faults
        .filter(({ bite }) => !bite.bit)
        .map(({ name: fault }) => `${it.scenario}, ${it.variant ?? "plain"}: ${fault}`),
    );
    // A replica that replies before it saves is often killed before its save begins.
    const early = "kill-after-reply, done-before-saved: saves slowed by 300 ms";
    expect(unbitten.filter((it) => it !== early)).toEqual([]);
  });

  test("every naive variant is expected to break a scenario", () => {
    const variants = Object.values(service.target.variants);
    const kinds = variants.map(({ breaks }) => Object.values(breaks).map(({ kind }) => kind));
    expect(kinds.length).toBeGreaterThan(0);
    for (const it of kinds) expect(new Set(it)).toEqual(new Set(["violated"]));
  });
});

test("an unexpected violation is repeated with one replica", async () => {
  // Only an unexpected violation is repeated.
  const bare = await example("bare");
  for (const variant of Object.values(bare.target.variants)) Object.assign(variant, { breaks: {} });
  const { results } = await judge(bare, { scenarios: ["round-robin"], variants: ["memory"] });
  expect(results.map(({ diagnoses }) => diagnoses.map(({ kind }) => kind))).toEqual([
    ["split-brain"],
  ]);
  expect(results[0]?.experiments).toEqual([
    { name: "one replica", outcome: "violated", again: false },
  ]);
});
