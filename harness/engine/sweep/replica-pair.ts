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

/** The history of a played crash, and the verdict of each checker. */
export interface Played {
  readonly history: History;
  readonly judgements: readonly Judgement[];
}

export interface PairOptions {
  readonly subject: Subject;
  readonly run: RunOptions;
  /** Whether each crash gets new replicas. */
  readonly fresh: boolean;
  /** The number of turns that the sweep has played on all pairs: each is a run with a number. */
  readonly count: { turns: number };
}

/**
 * Plays crashes in sequence. Replicas are reused for the next crash if this one passed. A crash
 * that fails on a reused pair is played again on a fresh pair, and only that result counts, because
 * earlier crashes may have caused the failure.
 */
export class Pairs implements AsyncDisposable {
  readonly #options: PairOptions;
  #pair: Pair | null = null;
  /** The number of turns played so far, on all pairs. */
  plays = 0;

  constructor(options: PairOptions) {
    this.#options = options;
  }

  async play(definition: Scenario): Promise<Played> {
    const { subject, run, fresh, count } = this.#options;
    const wasUsed = this.#pair !== null;
    const header = headerOf(subject, { ...run, round: count.turns++ });
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
 * Two replicas with their own database. Each crash on them has a new conversation and a new
 * history. The replica that the last crash killed takes the first turn of the next one.
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
      ? playPhases(scenario, stage, { restarts: false })
      : playWorkload(scenario, stage, { since, restarts: false }).then(() => null);
    const stuck = await withProgressDeadline(played.catch(hookFailedIn), recording);
    const history = recording.end();
    return { history, judgements: judgeAll(history, scenario, stuck).judgements };
  }

  /** The state before a play, processes and rows, as the latest entries recorded it. */
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
