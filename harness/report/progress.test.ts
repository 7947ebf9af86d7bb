import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { openProgress } from "./progress.ts";
import { sample } from "./sample.ts";
import { progressLine } from "./terminal.ts";

describe("the live view", () => {
  test("is a plain line per result where there is no terminal", () => {
    const stream = new PassThrough();
    const progress = openProgress(stream, { total: 2, tty: false, color: false, several: false });
    const results = sample.results.slice(0, 2);
    for (const result of results) {
      progress.started(result.scenario);
      progress.finished(result);
    }
    progress.close();
    const lines = results.map((result) => `${progressLine(result, { color: false })}\n`);
    expect(String(stream.read())).toBe(lines.join(""));
  });

  test("moves nothing on a stream that is no terminal, whatever it was told", () => {
    const stream = new PassThrough();
    const progress = openProgress(stream, { total: 1, tty: true, color: false, several: false });
    progress.started("round-robin");
    progress.close();
    expect(stream.read()).toBe(null);
  });
});
