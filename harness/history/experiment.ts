import { z } from "zod";

/**
 * After a violation the engine repeats the workload with one thing changed. Each cause predicts
 * whether the violation occurs again.
 */
export const experimentTable = {
  "one replica": "A single replica takes the place of all of them",
  "without the fault": "No fault is injected, and no call is held",
  "one turn at a time": "Each turn begins when the one before it has ended",
} as const;

export type ExperimentName = keyof typeof experimentTable;

/** The name in the name of a run: "one-replica". */
export function formatExperiment(name: ExperimentName): string {
  return name.replaceAll(" ", "-");
}

export const experimentNames = Object.keys(experimentTable) as readonly ExperimentName[];

export const experimentName = z.enum(
  Object.keys(experimentTable) as [ExperimentName, ...ExperimentName[]],
);
