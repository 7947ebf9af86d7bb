// Two servers of the npm registry that nobody here wrote, judged with a few lines of glue:
// npm/README.md explains each verdict.
import { describe, expect, test } from "vitest";
import { build, judge, stranger, surprises } from "./judge.ts";

describe.each(["npm/langgraph-api", "npm/pure-graph"])("%s", async (name) => {
  const server = await stranger(name);
  const why = await build(server);

  test("keeps and breaks what its README explains", async ({ skip }) => {
    skip(why !== null, why ?? "");
    const scenarios = ["round-robin", "restart", ...Object.keys(server.target.breaks)];
    const report = await judge(server, { scenarios });
    expect(surprises(report)).toEqual([]);
    const kinds = new Set(report.results.map(({ verdict }) => verdict.kind));
    expect(kinds).toEqual(new Set(["holds", "violated"]));
    expect(report.results.flatMap((it) => it.faults.filter(({ bite }) => !bite.bit))).toEqual([]);
  });
});
