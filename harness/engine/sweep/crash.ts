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

/** How a turn is played. */
export interface Play {
  /** What the model asks for in it. */
  readonly steps: readonly string[];
  /** After so long without a sign of it, in milliseconds, a turn has come as far as it gets. */
  readonly lullMs: number;
  /** The same after a reply: what is saved then is saved. 0: nothing is. */
  readonly settleMs: number;
}

/** Where a turn is killed. */
export interface Crash extends Play {
  readonly first: CrashPoint;
  /** In the second attempt, on the other replica; null: that one lives. */
  readonly second: CrashPoint | null;
  /**
   * At a statement: the database is slow, so the kill comes once the turn has come as far as it
   * gets. What a service does while it does not wait for its own saves is then done, and not saved.
   * False: at once, before a save that runs beside it makes up for this one. Of two kills that is
   * about the second: the first is always late, so that the recovery is the one that is known.
   */
  readonly late: boolean;
}

/** A point that is passed so long after the reply, in milliseconds, is reached, too. */
const lingersMs = 5_000;

/** Nobody is killed: it shows which points the turn has. */
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
 * A turn that is killed at one point, and handed to the other replica. Before it stands one turn
 * that was answered, after it the questions of the end.
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
        // Who has an answer does not ask again: what became of it is seen at the end.
        await retry();
      }
      // The questions at the end are about the kill, and not about who replies before it saves.
      await stage.untilQuiet(play.settleMs);
    },
    checks: checksOf(play),
  };
}

/** A user who was answered once, and what is said next: the turn that is taken apart. */
async function opening(stage: Stage, { steps, settleMs }: Play) {
  const on = stage.deployment.first;
  const user = stage.conversation();
  await user.say("a fact", { on });
  // What an earlier turn still saves would be taken for a statement of this one.
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
  // It may fail while something else is awaited: who awaits it then is told all the same.
  outcome.catch(() => {});
  // Who was asked need not be who runs it.
  const executor = await held.reached();
  const waits = executor !== null && point.point.at === "statement" && lullMs > 0;
  if (waits) await stage.untilQuiet(lullMs);
  const dying = stage.deployment.replicas.find(({ name }) => name === executor) ?? on;
  await using _ = await stage.inject(kill(dying));
  held[Symbol.dispose]();
  return await outcome;
}
