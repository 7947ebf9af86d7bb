import type { Header } from "../../history/header.ts";
import type { Entry, History } from "../../history/history.ts";
import { hookFailedIn } from "../../deployment/url/hooks.ts";
import { playPhases, playWorkload } from "../phases.ts";
import { withProgressDeadline } from "../progress-deadline.ts";
import { Recording } from "../../history/recording.ts";
import { seenOf } from "../case-result.ts";
import {
  headerOf,
  judgeAll,
  type Judgement,
  type RunOptions,
  stageOptionsOf,
  type Subject,
} from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { openStage, type OpenStage } from "../stage.ts";

/** A crash that was played: what happened, and what each checker says of it. */
export interface Played {
  readonly history: History;
  readonly judgements: readonly Judgement[];
}

export interface PairOptions {
  readonly subject: Subject;
  readonly run: RunOptions;
  /** Each crash gets replicas of its own, which no other one has touched. */
  readonly fresh: boolean;
  /** How many turns the sweep has played on all of its pairs: each is a run with its own number. */
  readonly count: { turns: number };
}

/**
 * Where crashes are played, one after the other: on the replicas of the one before, as long as
 * nothing was wrong on them. What does not hold there is played again on a fresh pair, and that
 * counts: what others did to a pair is not held against this crash.
 */
export class Pairs implements AsyncDisposable {
  readonly #options: PairOptions;
  #pair: Pair | null = null;
  /** So many times a turn was played so far, on whichever pair. */
  plays = 0;

  constructor(options: PairOptions) {
    this.#options = options;
  }

  async play(definition: Scenario): Promise<Played> {
    const { subject, run, fresh, count } = this.#options;
    const wasUsed = this.#pair !== null;
    const header = headerOf(subject, { ...run, round: count.turns++ }, false);
    this.#pair ??= await Pair.open(subject, run, header);
    this.plays += 1;
    const played = await this.#pair.play(definition, header.run);
    if (run.historyFile?.failure) throw run.historyFile.failure;
    const holds = seenOf(played.judgements).kind === "holds";
    if (holds && !fresh) return played;
    await this[Symbol.asyncDispose]();
    return holds || !wasUsed ? played : this.play(definition);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pair = this.#pair;
    this.#pair = null;
    await pair?.[Symbol.asyncDispose]();
  }
}

/**
 * Two replicas on a database of their own. Each crash that is played on them has a conversation and
 * a history of its own; who was killed in the last one takes its first turn in the next.
 */
class Pair implements AsyncDisposable {
  readonly #recording: Recording;
  readonly #stage: OpenStage;

  private constructor(recording: Recording, stage: OpenStage) {
    this.#recording = recording;
    this.#stage = stage;
  }

  static async open(subject: Subject, run: RunOptions, header: Header): Promise<Pair> {
    const recording = new Recording(header, run.historyFile, run.secrets);
    const stage = await openStage(stageOptionsOf(subject, run, recording));
    return new Pair(recording, stage);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stage[Symbol.asyncDispose]();
  }

  async play(scenario: Scenario, name: string): Promise<Played> {
    const stage = this.#stage;
    const recording = this.#recording;
    const isFirst = recording.header.run === name;
    if (!isFirst) recording.beginNext(name, this.#lasting());
    const since = stage.conversations.length;
    const played = isFirst
      ? playPhases(scenario, stage)
      : playWorkload(scenario, stage, { since }).then(() => null);
    const stuck = await withProgressDeadline(played.catch(hookFailedIn), recording);
    const history = recording.end();
    return { history, judgements: judgeAll(history, scenario, stuck).judgements };
  }

  /** What there is before a play, the processes and the rows: each as it was recorded last. */
  #lasting(): Entry[] {
    const { header, entries } = this.#recording;
    const births = header.replicas.flatMap((name) => {
      const start = entries.findLast((it) => it.kind === "replica.start" && it.replica === name);
      const ready = entries.findLast((it) => it.kind === "replica.ready" && it.replica === name);
      return [start, ready].filter((it) => it !== undefined);
    });
    const stored = entries.findLast(({ kind }) => kind === "survey");
    return stored === undefined ? births : [...births, stored];
  }
}
