import { effectsHappenOnce } from "../../checkers/effects-happen-once.ts";
import { finishedStepsAreNotRepeated } from "../../checkers/finished-steps-are-not-repeated.ts";
import { remembersEverything } from "../../checkers/remembers-everything.ts";
import { transcriptWellFormed } from "../../checkers/transcript-well-formed.ts";
import type { Replica } from "../../deployment/replica.ts";
import { kill } from "../../faults/kill.ts";
import type { Outcome } from "../../history/history.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { formatPoint } from "../../history/point.ts";
import type { Turn } from "../../history/turn.ts";
import type { CrashPoint } from "./points.ts";

const needs = ["replicas", "kill", "model-hold", "statements", "retry"] as const;

/** The parameters of a turn. */
export interface Play {
  /** The tool calls that the model asks for. */
  readonly steps: readonly string[];
  /** After this long without activity, in milliseconds, a held turn makes no more progress. */
  readonly lullMs: number;
  /** After this long without activity, in milliseconds, a replied turn is saved. 0: no wait. */
  readonly settleMs: number;
}

/** The points at which the sweep kills the replicas of a turn. */
export interface Crash extends Play {
  readonly first: CrashPoint;
  /** The point in the second attempt, on the other replica; null: that replica survives. */
  readonly second: CrashPoint | null;
  /**
   * Only for statements. True: the kill comes when the turn makes no more progress while the
   * statement is held, as with a slow database. If the service does not wait for its saves, its
   * next steps are then done but not saved. False: the kill comes at once, before a concurrent save
   * can hide the lost one. Of two kills this is the second: the first is always late, so that the
   * recovery has the known points.
   */
  readonly late: boolean;
}

/** How long after the reply the turn may still reach the point, in milliseconds. */
const lingersMs = 5_000;

/** Plays the turn without a kill, to learn its points. */
export function uninterrupted(play: Play): Scenario {
  return {
    claim: "a turn is answered",
    rank: 0,
    needs,
    async run(stage) {
      const { say } = await opening(stage, play);
      await say();
      await stage.untilQuiet(play.settleMs);
    },
    checks: checksOf(play),
  };
}

/**
 * Kills a turn at one point, and retries it on the other replica. One answered turn comes before
 * it, and the final questions come after it.
 */
export function crashAt({ first, second, late, ...play }: Crash): Scenario {
  return {
    claim: `a turn that is killed ${formatPoint(first.point)} is kept`,
    rank: 0,
    needs,
    async run(stage) {
      const { deployment } = stage;
      const { user, turn, say } = await opening(stage, play);
      const lullMs = (isLate: boolean): number => (isLate ? play.lullMs : 0);
      const doomed = { turn, point: first, on: deployment.first };
      const outcome = await killAt(
        stage,
        { ...doomed, lullMs: lullMs(late || second !== null) },
        say,
      );
      const retry = () => user.retry({ on: deployment.other });
      if (second !== null) {
        const twice = { turn, point: second, on: deployment.other, lullMs: lullMs(late) };
        const again = await killAt(stage, twice, retry);
        if (again.kind !== "ok") await user.retry({ on: deployment.first });
      } else if (outcome.kind !== "ok") {
        // An answered turn needs no retry: the final questions show whether it is kept.
        await retry();
      }
      // The final questions test the kill, not a service that replies before it saves.
      await stage.untilQuiet(play.settleMs);
    },
    checks: checksOf(play),
  };
}

/** A user with one answered turn, and the next turn, which the sweep kills. */
async function opening(stage: Stage, { steps, settleMs }: Play) {
  const on = stage.deployment.first;
  const user = stage.conversation();
  await user.say("a fact", { on });
  // A late save of the first turn would count as a statement of this one.
  await stage.untilQuiet(settleMs);
  await stage.untilSaved();
  const say = () => user.say(steps.join(", then "), { on, steps });
  return { user, turn: user.next, say };
}

function checksOf({ steps }: Play) {
  return [
    remembersEverything,
    ...(steps.length > 0 ? [effectsHappenOnce] : []),
    finishedStepsAreNotRepeated,
    transcriptWellFormed,
  ];
}

interface Doomed {
  readonly turn: Turn;
  readonly point: CrashPoint;
  readonly on: Replica;
  readonly lullMs: number;
}

/** Kills a replica while an attempt is at a point, and starts it again. */
async function killAt(
  stage: Stage,
  { turn, point, on, lullMs }: Doomed,
  attempt: () => Promise<Outcome>,
): Promise<Outcome> {
  const held = stage.hold(turn, point.point, { lingersMs });
  const outcome = attempt();
  // Mark the promise handled: it may reject before the return statement awaits it.
  outcome.catch(() => {});
  // Another replica than the one that was asked may run the turn.
  const executor = await held.reached();
  const waits = executor !== null && point.point.at === "statement" && lullMs > 0;
  if (waits) await stage.untilQuiet(lullMs);
  const dying = stage.deployment.replicas.find(({ name }) => name === executor) ?? on;
  await using _ = await stage.inject(kill(dying));
  held[Symbol.dispose]();
  return await outcome;
}
