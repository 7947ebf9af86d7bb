import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { linesInto, reasons } from "./test/support/results.ts";

/** The file to which .ci/run wants a line per test. */
const results = process.env["THREADPROOF_TEST_RESULTS"];

/** Tests on containers. Without a Docker engine they are skipped, with the reason. */
const containers = "**/*.docker.test.ts";

/** Installed packages, which contain tests as well. */
const packages = "**/node_modules/**";

/** Tests of whole services under real faults, which take minutes each. */
const wholeServices = "test/{examples,scenarios}/*.test.ts";

/** Starts the slowest files first, so that the others run while those wait. */
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

// The tests start hundreds of processes from the same sources. They share the compiled code.
const compiled = mkdtempSync(join(tmpdir(), "threadproof-compiled-"));
process.on("exit", () => rmSync(compiled, { recursive: true, force: true }));
process.env["NODE_COMPILE_CACHE"] = compiled;

export default defineConfig({
  test: {
    reporters: ["default", reasons, ...(results === undefined ? [] : [linesInto(results)])],
    // A test that passes only at the second attempt shows a defect.
    retry: 0,
    // Tests assert the polled value, not the time until it appears.
    expect: { poll: { timeout: 20_000 } },
    // Most tests wait for a process, a socket or a database, so they leave the cores idle.
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
          // The engine has its own deadlines, so this one never fires.
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
          // The default of `threadproof run` on two cores. The tests share a worker's resources.
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
          // All share one Docker engine, which spends most of the time on starting containers.
          maxWorkers: 1,
          fileParallelism: false,
          maxConcurrency: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
