import { join } from "node:path";
import { defineConfig } from "vitest/config";

// One file per run of vitest: `npm test` runs it twice, and .ci/run counts over both.
const results = process.env["THREADPROOF_TEST_RESULTS"];
const outputFile = join(results ?? ".", `${process.pid}.json`);

export default defineConfig({
  test: {
    reporters: results === undefined ? ["default"] : ["default", ["json", { outputFile }]],
    // A test that passes at the second try has told of a fault, and nobody listened.
    retry: 0,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["*.test.ts", "harness/**/*.test.ts", "reference-app/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "scenarios",
          include: ["scenarios/**/*.test.ts"],
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
    ],
  },
});
