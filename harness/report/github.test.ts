import { describe, expect, test } from "vitest";
import { githubAnnotations } from "./github.ts";
import { exitCode } from "./result.ts";
import type { Result, RunReport } from "./result.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";

/** Parses and unescapes commands like the runner: `ActionCommand.TryParseV2` of actions/runner. */
function read(output: string) {
  const lines = output.split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => {
    const [, level, properties = "", message = ""] =
      /^::(error|warning) ([^:]*)::(.*)$/.exec(line) ?? [];
    const unescaped = (text: string): string =>
      text
        .replaceAll("%3A", ":")
        .replaceAll("%2C", ",")
        .replaceAll("%0D", "\r")
        .replaceAll("%0A", "\n")
        .replaceAll("%25", "%");
    const pairs = properties.split(",").map((pair): [string, string] => {
      const [name = "", value = ""] = pair.split("=", 2);
      return [name, unescaped(value)];
    });
    return { level, message: unescaped(message), ...Object.fromEntries(pairs) };
  });
}

const surprise = surprising.results.at(-1) as Result;
const undecided = surprising.results.at(-2) as Result;
const many = (count: number, of: Result): Result[] =>
  Array.from({ length: count }, (_, i) => ({ ...of, scenario: `scenario-${i}` }));
const reported = (...results: Result[]): RunReport => ({ ...sample, results });

describe("annotations on GitHub", () => {
  test("a surprise is an error, an inconclusive result is a warning", () => {
    expect(read(githubAnnotations(surprising))).toEqual([
      {
        level: "error",
        title: "round-robin × reference/bare-pool: stale-read",
        message: [
          "claim: a conversation survives a change of replica",
          "expected holds, seen violated by remembers-everything: stale-read",
          "b showed the thread without turn 14, which had been acknowledged.",
          "→ Read threads from the primary database, not from a replica that lags.",
          "reproduce: threadproof run round-robin --target reference --variant bare-pool --seed 7",
        ].join("\n"),
      },
      {
        level: "warning",
        title: "kill-mid-graph × reference/bare-pool: inconclusive",
        message: expect.stringContaining("\nkill a had no effect: the turn was over before it\n"),
      },
    ]);
  });

  test("they have the place of the target in the configuration, if known", () => {
    const at = (line: number | null) =>
      read(githubAnnotations(reported(surprise), () => ({ file: "agent/a,b:c.ts", line })));
    expect(at(12)).toMatchObject([{ file: "agent/a,b:c.ts", line: "12" }]);
    expect(at(null)).toMatchObject([{ file: "agent/a,b:c.ts" }]);
    expect(at(null)[0]).not.toHaveProperty("line");
    expect(read(githubAnnotations(surprising))[0]).not.toHaveProperty("file");
  });

  const nasty = "100% a\r\n::error::b, c: d\u001b[31m \ud800";

  test("any output of a service stays inside one command", () => {
    const because = `it said ${nasty}`;
    const odd = {
      ...surprise,
      claim: nasty,
      variant: "v:1,2%",
      diagnoses: [{ kind: "odd", because, remedy: "mend it" }],
    };
    const [only, ...others] = read(githubAnnotations(reported(odd)));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ title: "round-robin × reference/v:1,2%: odd" });
    expect(only?.message).toContain("it said 100% a\r\n::error::b, c: d \ufffd\n→ mend it");
  });

  test("title and message are cut at GitHub's limits", () => {
    const long = { ...surprise, scenario: "s".repeat(300), claim: "%".repeat(5_000) };
    const [one] = read(githubAnnotations(reported(long)));
    expect(one).toMatchObject({ title: expect.stringMatching(/^s{254}…$/) });
    expect(one?.message).toHaveLength(4_096);
    expect(one?.message).toMatch(/^claim: %+…$/);
  });

  test.each([
    ["error", surprise],
    ["warning", undecided],
  ])("there are at most 10 per level, and the last one lists the rest: %s", (level, of) => {
    const ten = read(githubAnnotations(reported(...many(10, of))));
    expect(ten.map((it) => it.level)).toEqual(Array.from({ length: 10 }, () => level));
    expect(ten.at(-1)).toMatchObject({ title: expect.stringMatching(/^scenario-9 × /) });
    const most = read(githubAnnotations(reported(...many(25, of))));
    expect(most).toHaveLength(10);
    expect(most.at(-1)).toMatchObject({ level, title: "16 more" });
    expect(most.at(-1)?.message.split("\n")).toHaveLength(16);
    expect(most.at(-1)?.message).toMatch(/^scenario-9 × reference.*scenario-24 × /s);
  });

  test("equal surprises of repeated runs share one annotation with their count", () => {
    const [one, ...others] = read(githubAnnotations(reported(surprise, surprise, surprise)));
    expect(others).toEqual([]);
    expect(one?.message).toContain("stale-read (in 3 runs)\n");
  });

  test("an exceeded budget is shown with the measured value and the limit", () => {
    const figures = [
      { name: "growth.bytesPerTurn", measured: 9_000.5, allowed: 5_000 },
      { name: "growth.rowsPerTurn", measured: 21, allowed: 21 },
    ];
    const [one] = read(githubAnnotations(reported({ ...surprise, figures })));
    expect(one?.message).toContain("\ngrowth.bytesPerTurn 9000.5, at most 5000 promised\n");
    expect(one?.message).not.toContain("rowsPerTurn");
  });

  test.each<[number, string | undefined, RunReport]>([
    [0, undefined, sample],
    [1, "error", surprising],
    [2, "warning", reported(undecided)],
    [2, "warning", reported()],
    [3, "error", { ...sample, stale: ["restart/mine"] }],
  ])("exit code %d has an annotation with the reason: %s", (code, level, report) => {
    expect(exitCode(report)).toBe(code);
    expect(read(githubAnnotations(report))[0]?.level).toBe(level);
  });
});
