import type { Target } from "../config/configuration.ts";
import { Acts } from "../history/acts.ts";
import type { Recording } from "../history/recording.ts";
import type { Random } from "../history/random.ts";
import { Turns } from "../history/turn.ts";
import { Statements } from "../wires/database/statements.ts";
import { Holds } from "../wires/hold.ts";
import { SideCalls } from "../wires/model/side-calls.ts";

/** The objects that all parts of one run of a scenario share. */
export interface RunContext {
  readonly target: Target;
  /** Unique to this run: users and threads of an earlier one may still exist. */
  readonly runId: string;
  readonly random: Random;
  readonly recording: Recording;
  readonly acts: Acts;
  readonly turns: Turns;
  readonly holds: Holds;
  readonly sides: SideCalls;
  /** Null: statements are not inspected. */
  readonly statements: Statements | null;
}

/** A hold that is not reached within this time had no effect, in milliseconds. */
const holdDeadlineMs = 30_000;

/** `isWatched`: every SQL statement is recorded and can be held. */
export function runContext(
  given: Pick<RunContext, "target" | "runId" | "random" | "recording"> & {
    readonly isWatched: boolean;
  },
): RunContext {
  const { isWatched, ...rest } = given;
  const { recording, random, runId } = given;
  const turns = new Turns(random.fork(recording.header.run), runId);
  const holds = new Holds(recording, holdDeadlineMs);
  const shared = { turns, holds, recorder: recording };
  return {
    ...{ ...rest, turns, holds, acts: new Acts(recording), sides: new SideCalls() },
    statements: isWatched ? new Statements({ ...shared, isRunning: isRunning(recording) }) : null,
  };
}

/** Whether the history shows a replica as started and not ended. */
function isRunning({ entries }: Recording): (replica: string) => boolean {
  return (replica) =>
    entries.findLast(
      (it) => (it.kind === "replica.start" || it.kind === "replica.exit") && it.replica === replica,
    )?.kind === "replica.start";
}
