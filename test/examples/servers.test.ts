// Two third-party servers from the npm registry, with a few lines of glue. The verdicts are
// explained in examples/npm/README.md.
import { describe, expect, test } from "vitest";
import { build, example, judge, surprises, sweepOf } from "../support/judge-example.ts";

describe.each(["npm/langgraph-api", "npm/pure-graph"])("%s", async (name) => {
  const server = await example(name);
  const why = await build(server);

  test("gets the verdicts that its README explains", async ({ skip }) => {
    skip(why !== null, why ?? "");
    const scenarios = ["round-robin", "restart", ...Object.keys(server.target.breaks)];
    const report = await judge(server, { scenarios });
    expect(surprises(report)).toEqual([]);
    const kinds = new Set(report.results.map(({ verdict }) => verdict.kind));
    expect(kinds).toEqual(new Set(["holds", "violated"]));
    const unbitten = report.results.flatMap(({ faults, diagnoses }) => {
      // After a process died of one fault, no connection is left for the next.
      const died = diagnoses.some(({ kind }) => kind === "process-died");
      const isAfterDeath = (i: number) => died && faults.slice(0, i).some((it) => it.bite.bit);
      return faults.filter((it, i) => !it.bite.bit && !isAfterDeath(i));
    });
    expect(unbitten).toEqual([]);
  });

  // Two runs with two replicas each, about 10 s.
  test("repeats an effect after a kill during its tool call", async ({ skip }) => {
    skip(why !== null, why ?? "");
    const report = await sweepOf(server, ["after search 1"]);
    expect(report.undisturbed.verdict).toBe("holds");
    const [point] = report.points;
    expect([point?.verdict, point?.repeated]).toEqual([
      "violated",
      expect.arrayContaining(["duplicated-effect"]),
    ]);
  });
});
