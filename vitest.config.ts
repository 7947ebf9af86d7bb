import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { linesInto, reasons } from "./test/support/results.ts";

/** Where .ci/run wants a line about each test. */
const results = process.env["THREADPROOF_TEST_RESULTS"];

/** Tests on containers: without an engine each is skipped, with the reason. */
const containers = "**/*.docker.test.ts";

/** Installed packages contain tests as well. */
const packages = "**/node_modules/**";

/** Whole services under real faults: minutes each. */
const wholeServices = "test/{examples,scenarios}/*.test.ts";

/** Begins with what takes longest: the rest fills the waits. */
class LongestFirst extends BaseSequencer {
  static readonly order = ["/examples/python.", "/scenarios/", "/examples/", "/test/"];

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LongestFirst.order.findIndex((it) => moduleId.includes(it));
      return at === -1 ? LongestFirst.order.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

// Hundreds of processes are started from the same sources: each compiles what none has before.
const compiled = mkdtempSync(join(tmpdir(), "threadproof-compiled-"));
process.on("exit", () => rmSync(compiled, { recursive: true, force: true }));
process.env["NODE_COMPILE_CACHE"] = compiled;

export default defineConfig({
  test: {
    reporters: ["default", reasons, ...(results === undefined ? [] : [linesInto(results)])],
    // A test that passes at the second attempt has found a fault.
    retry: 0,
    // Tests assert what they poll for, not how soon it comes.
    expect: { poll: { timeout: 20_000 } },
    // Most tests wait for a process, a socket or a database: they leave the cores idle.
    maxWorkers: 3 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{harness,reference-app,test}/**/*.test.ts"],
          exclude: [containers, packages, wholeServices],
          testTimeout: 120_000,
          hookTimeout: 120_000,
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
          // As many at once as a run on two cores takes: they share the worker and its resources.
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
          // One engine, and most of the time goes to starting containers.
          maxWorkers: 1,
          fileParallelism: false,
          maxConcurrency: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
