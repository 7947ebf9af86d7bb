/**
 * The public API of the package, for your own configuration, scenarios and checkers. The
 * configuration names your folders of scenarios (`scenarios: ["my-scenarios"]`).
 */

// Configuration.
export { violated } from "./checkers/expectation.ts";
export { command, defineConfig, url } from "./config/configuration.ts";
export type {
  CommandInput,
  Configuration,
  ConfigurationInput,
  UrlInput,
} from "./config/configuration.ts";
export type { Said, Say, Saying } from "./config/dialect.ts";

// Scenarios, and the parts that they use.
export { scenario } from "./engine/scenario.ts";
export type { Scenario, Stage } from "./engine/scenario.ts";
export type { Conversation, ConversationOptions, SayOptions } from "./client/conversation.ts";
export type { Deployment } from "./deployment/deployment.ts";
export { defineFault } from "./deployment/fault.ts";
export type { Fault, HeldFault } from "./deployment/fault.ts";
export type { Replica, Signal } from "./deployment/replica.ts";
export type { Random } from "./history/random.ts";
export { formatPoint, pointsOf } from "./history/point.ts";
export type { Point } from "./history/point.ts";
export type { Turn } from "./history/turn.ts";
export type { Held } from "./wires/hold.ts";

// Faults: `await using _ = await inject(kill(first));`
export * from "./faults/registry.ts";
export { killMidTurn } from "./engine/kill-mid-turn.ts";
export { midTurn } from "./engine/mid-turn.ts";

// Checkers. Those in `alwaysJudged` judge every scenario, named or not.
export { alwaysJudged } from "./checkers/always-judged.ts";
export { answersInTime } from "./checkers/answers-in-time.ts";
export { bootsTogether } from "./checkers/boots-together.ts";
export { channelsAgree } from "./checkers/channels-agree.ts";
export { drains } from "./checkers/drains.ts";
export { effectsHappenOnce } from "./checkers/effects-happen-once.ts";
export { finishedStepsAreNotRepeated } from "./checkers/finished-steps-are-not-repeated.ts";
export { growthIsBounded } from "./checkers/growth-is-bounded.ts";
export { knownEverywhere } from "./checkers/known-everywhere.ts";
export { leavesNoHalfTurn } from "./checkers/leaves-no-half-turn.ts";
export { noSuccessWithoutReply } from "./checkers/no-success-without-reply.ts";
export { noSuccessWithoutSaving } from "./checkers/no-success-without-saving.ts";
export { readyMeansServing } from "./checkers/ready-means-serving.ts";
export { refusesBeforeAnythingRuns } from "./checkers/refuses-before-anything-runs.ts";
export { remembersEverything } from "./checkers/remembers-everything.ts";
export { transcriptWellFormed } from "./checkers/transcript-well-formed.ts";

// For your own checkers: the history that they read, and the verdicts that they return.
export { entriesOf } from "./history/history.ts";
export { tokensIn } from "./history/token.ts";
export type { Entry, EntryOf, History, Outcome } from "./history/history.ts";
export type { Capability } from "./history/capability.ts";
export type { Header } from "./history/header.ts";
export { attemptsOf, turnsOf } from "./checkers/turns.ts";
export { verdictOf } from "./checkers/findings.ts";
export type { DiagnosisKind } from "./checkers/diagnoses.ts";
export type { Checker, Diagnosis, Verdict } from "./checkers/verdict.ts";
