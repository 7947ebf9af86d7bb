import { join } from "node:path";
import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

// One file per run of vitest: .ci/run has three of them, and counts over all.
const results = process.env["THREADPROOF_TEST_RESULTS"];
const outputFile = join(results ?? ".", `${process.pid}.json`);

/** Tests on containers: without an engine each says that it was skipped, and why. */
const containers = "**/*.docker.test.ts";

/** Installed packages contain tests of their own. */
const packages = "**/node_modules/**";

/** Whole services under real faults: about a minute each. */
const wholeServices = "test/{examples,scenarios}/*.test.ts";

/** What is skipped is told with its reason: vitest's own reporter only counts it. */
const reasons: Reporter = {
  onTestRunEnd(files) {
    const results = files.flatMap((file) => [...file.children.allTests("skipped")]);
    const told = Map.groupBy(results, (test) => {
      const result = test.result();
      return (result.state === "skipped" && result.note) || "without a reason";
    });
    for (const [why, tests] of told) console.log(`\n ↓ ${tests.length} skipped: ${why}`);
  },
};

export default defineConfig({
  test: {
    reporters:
      results === undefined ? ["default", reasons] : ["default", reasons, ["json", { outputFile }]],
    // A test that passes at the second try has told of a fault, and nobody listened.
    retry: 0,
    // What is polled for is asserted, and not how soon it comes.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{harness,reference-app,test}/**/*.test.ts"],
          exclude: [containers, packages, wholeServices],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "scenarios",
          include: [wholeServices],
          exclude: [containers],
          // The engine owns every deadline: this one never fires.
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
          // One Postgres, one watchdog, one seed.
          maxWorkers: 1,
          fileParallelism: false,
          // As many at once as a run on two cores takes: they share the worker, and its ground.
          maxConcurrency: 3,
        },
      },
      {
        extends: true,
        test: {
          name: "docker",
          include: [`{harness,test}/${containers}`],
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
          maxWorkers: 1,
          fileParallelism: false,
          maxConcurrency: 2,
        },
      },
    ],
  },
});
