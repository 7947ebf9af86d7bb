/**
 * The target failed before the scenario began: it did not start, or its migration failed. This is a
 * result of the run, not an error of the harness.
 */
export class TargetFailure extends Error {}
