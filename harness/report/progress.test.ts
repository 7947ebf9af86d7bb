import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { openProgress, progressLine } from "./progress.ts";
import type { Result } from "./result.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";

const result = sample.results[0] as Result;

describe("the line of a result", () => {
  test("shows the verdict, and whether it was expected", () => {
    const lines = [0, 7, 10, 11].flatMap((i) => surprising.results.slice(i, i + 1));
    const service = ({ target, variant }: Pick<Result, "target" | "variant">) => variant ?? target;
    const plain = { color: false, service, widths: { scenario: 15, service: 12 } };
    expect(lines.map((result) => progressLine(result, plain)).join("\n")).toMatchInlineSnapshot(`
      "✔ round-robin     reference       0.8 s holds
      ✘ kill-mid-graph  memory-saver    1.4 s violated: split-brain, amnesia (as expected)
      ? kill-mid-graph  bare-pool       0.8 s inconclusive NOT AS EXPECTED: expected violated by remembers-everything: torn-turn
      ✘ round-robin     bare-pool       1.4 s violated: stale-read NOT AS EXPECTED: expected holds"
    `);
  });
});

describe("the live view", () => {
  test("prints a plain line per result without a terminal", () => {
    const stream = new PassThrough();
    const results = sample.results.slice(0, 2);
    const progress = openProgress(stream, { cases: results, tty: false, color: false });
    for (const result of results) {
      progress.started(result);
      progress.finished(result);
    }
    progress.close();
    expect(String(stream.read()).split("\n")).toEqual([
      "✔ round-robin reference    0.8 s holds",
      "✔ restart     reference    0.8 s holds",
      "",
    ]);
  });

  test("aligns columns, and names the target of a variant if there are several targets", () => {
    const stream = new PassThrough();
    const other = { ...result, target: "mine", variant: "forgets" };
    const reason = "it takes an hour";
    const { scenario, claim, target, variant } = other;
    const skipped = { scenario, claim, target, variant, reason };
    const progress = openProgress(stream, { cases: [result, skipped], tty: false, color: false });
    for (const it of [result, skipped]) progress.finished(it);
    progress.close();
    expect(String(stream.read()).split("\n")).toEqual([
      "✔ round-robin reference       0.8 s holds",
      "– round-robin mine/forgets         not run: it takes an hour",
      "",
    ]);
  });

  test("shows no spinner on a stream that is not a terminal, even with tty: true", () => {
    const stream = new PassThrough();
    const progress = openProgress(stream, { cases: [result], tty: true, color: false });
    progress.started(result);
    progress.close();
    expect(stream.read()).toBe(null);
  });
});
