/** Reporters for vitest: the reasons of skipped tests, and a line per test for .ci/run. */
import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Prints at the end how many tests were skipped for each reason, which vitest does not print. */
export const reasons: Reporter = {
  onTestRunEnd(files) {
    const skipped = files.flatMap((file) => [...file.children.allTests("skipped")]);
    for (const [why, tests] of Map.groupBy(skipped, reasonOf)) {
      console.log(`\n ↓ ${tests.length} skipped: ${why}`);
    }
  },
};

/**
 * Appends a line per test to a file, to which each run of vitest adds: "passed", "failed" or
 * "skipped", then the test's file and name, and its error or reason.
 */
export function linesInto(results: string): Reporter {
  return {
    onTestRunEnd(files) {
      const lines = files.flatMap(linesOf).map((it) => `${it.replaceAll("\n", " ")}\n`);
      appendFileSync(results, lines.join(""));
    },
  };
}

function linesOf(file: TestModule): string[] {
  const path = relative(file.project.config.root, file.moduleId);
  // A file can fail without a failed test: if it cannot load, or if one of its hooks fails.
  const own = file.errors().map(({ message }) => `failed ${path}: ${message}`);
  const tests = [...file.children.allTests()].map((test) => {
    const { state, errors } = test.result();
    const why = state === "skipped" ? reasonOf(test) : errors?.[0]?.message;
    return [state, `${path}:`, test.fullName, ...(why === undefined ? [] : ["·", why])].join(" ");
  });
  return [...own, ...tests];
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  return (result.state === "skipped" && result.note) || "without a reason";
}
