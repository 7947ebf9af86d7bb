import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { holds } from "../checkers/expectation.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";
import type { Result, RunReport } from "./result.ts";
import { finalText, linesAtMost } from "./terminal.ts";

const view = { columns: 100, color: false, folder: "reports/latest" };

/** The violations in the sample with causes. */
const broken = sample.results.filter(({ verdict }) => verdict.kind === "violated");
const whole = sample.results[0] as Result;

const claim = "a claim that is as long as those of scenarios usually are, or a little longer";
const scenarioNames = Array.from({ length: 23 }, (_, i) => `some-scenario-${i}`);

/** One service without expectations: `count` of its scenarios are violated. */
function ownService(count: number): RunReport {
  const results = scenarioNames.map((scenario, i): Result => {
    const cause = i < count ? (broken[i % broken.length] ?? whole) : whole;
    const { verdict, diagnoses } = cause;
    const kinds = diagnoses.map((it) => ({ ...it, kind: `${it.kind}-${i}` }));
    return {
      ...{ ...cause, scenario, claim, target: "mine", variant: null, diagnoses: kinds },
      ...{ expected: holds, asExpected: verdict.kind === "holds" },
    };
  });
  return { ...sample, results, notRun: [] };
}

/** The reference app and 25 mistakes, each of which breaks two scenarios. */
function everyMistake(surprises: number): RunReport {
  const mistakes = Array.from({ length: 25 }, (_, i) => `some-mistake-${i}`);
  const violated = mistakes.flatMap((variant, i) =>
    [i, i + 1].map((index): Result => ({
      ...(broken[i % broken.length] ?? whole),
      ...{ variant, scenario: scenarioNames[index % 23] ?? "", claim },
      asExpected: i >= surprises,
    })),
  );
  const plain = scenarioNames.map((scenario) => ({ ...whole, scenario, claim }));
  return { ...sample, results: [...plain, ...violated], notRun: [] };
}

const lines = (text: string): string[] => text.trimEnd().split("\n");

describe("the end of a run", () => {
  const runs: [string, RunReport][] = [
    ["everything as expected", sample],
    ["a surprise and an undecided case", surprising],
    ["every mistake, as expected", everyMistake(0)],
    ["every mistake, and three surprises", everyMistake(3)],
    ["every mistake a surprise", everyMistake(25)],
    ["an own service with five violations", ownService(5)],
    ["an own service that keeps nothing", ownService(23)],
    ["nothing run", { ...sample, results: [] }],
    ["many stale entries", { ...sample, stale: scenarioNames.flatMap((it) => [it, it, it, it]) }],
  ];

  test.each(runs)("fits %s on at most 60 lines, at 80 and 100 columns", (_, report) => {
    for (const columns of [80, 100]) {
      const all = lines(finalText(report, { ...view, columns }));
      expect(all.length).toBeLessThanOrEqual(linesAtMost);
      expect(all.at(-1)).toBe(" report  reports/latest");
      const toCopy = /reproduce |^ (again|more) /;
      expect(all.filter((line) => line.length > columns && !toCopy.test(line))).toEqual([]);
    }
  });

  test("lists few services by scenario, and explains the worst cause in full", () => {
    const text = finalText(ownService(2), view);
    expect(text).toContain(` ✔→✘ some-scenario-0   ${claim.slice(0, 60)}`);
    const [, causes = ""] = text.split("── Not as expected");
    expect(causes.slice(causes.indexOf(" ✘ "))).toMatchInlineSnapshot(`
      " ✘ split-brain-0  in some-scenario-0
         a and b were both up, and each keeps its own memory: b never showed turn 1.
           a │ 1 3 5 7  9   0.871 s, model call 1 of turn 11
           b │ 2 4 6 8 10   0.904 s, model call 1 of turn 12
             │ ▲ the lists differ here
         breaks one-history · one replica: not seen again
         → Keep checkpoints in a database that all replicas share (PostgresSaver, not MemorySaver).
         reproduce  threadproof run round-robin --target reference --variant memory-saver --seed 7

       ✘ amnesia-1  in some-scenario-1
         After its restart, a began with an empty memory: turn 1 to turn 3 are gone.
         → Keep checkpoints in a database that all replicas share (PostgresSaver, not MemorySaver).

       21 as expected, 2 surprises, 0 inconclusive · 31.2 s · seed 7
       again   npx threadproof run --seed 7
       more    npx threadproof report reports/latest --verbose
       report  reports/latest
      "
    `);
  });

  test("names every cause of many services once, with its scenarios", () => {
    const all = lines(finalText(everyMistake(0), view)).map((line) => line.trim());
    expect(all.join(" ")).toContain(
      "✘ some-mistake-4   lost-update (some-scenario-4, some-scenario-5)",
    );
    expect(all.filter((line) => line.startsWith("✘ some-mistake-4"))).toHaveLength(1);
  });

  test("shows surprises even if the other services share a line", () => {
    const text = finalText(everyMistake(3), view);
    expect(text).toContain("as expected: reference, some-mistake-3,");
    expect(text.match(/✘ some-mistake-[012]: /g)).toHaveLength(4);
  });

  test("shows the expectation and the reason of an inconclusive surprise", () => {
    expect(finalText(surprising, view)).toContain(
      [
        " ? bare-pool: inconclusive  in kill-mid-graph",
        "   expected violated by remembers-everything: torn-turn",
        "   kill a had no effect: the turn was over before it",
      ].join("\n"),
    );
  });

  test("prints the reasons of scenarios that did not run", () => {
    expect(finalText(sample, view)).toContain(
      ' – restart × no-setup not run: the target lacks "state": declare read, which reads a thread',
    );
  });

  test("prints all details with --verbose", () => {
    const text = finalText(everyMistake(0), { ...view, verbose: true });
    expect(lines(text).length).toBeGreaterThan(200);
    expect(text).toContain("── Visibility and recovery");
  });

  test("has the same text with colour", () => {
    const colored = finalText(surprising, { ...view, color: true });
    expect(colored).not.toBe(finalText(surprising, view));
    expect(stripVTControlCharacters(colored)).toBe(finalText(surprising, view));
  });
});
