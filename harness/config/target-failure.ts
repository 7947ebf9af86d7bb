/**
 * What the target did wrong before a scenario could begin: it does not start, or its migration
 * fails. That is data of the run and no failure of ours.
 */
export class TargetFailure extends Error {}
