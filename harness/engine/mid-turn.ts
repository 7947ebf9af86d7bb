import type { Conversation } from "../client/conversation.ts";
import type { Fault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";
import type { Stage } from "./scenario.ts";
import type { Point } from "../history/point.ts";

export interface MidTurn {
  readonly on: Replica;
  readonly steps: readonly string[];
  /** One user for each. */
  readonly points: readonly (Point | string)[];
  /** Runs when these turns have ended, while the fault is still in effect. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** A fault, or a function that makes the fault of the replica that runs a turn. */
type FaultOf = Fault | ((executor: Replica) => Fault);

/**
 * Injects a fault in the middle of several concurrent turns. Each point has one user, who first
 * sends a fact, and then a turn with these steps that is held at the point. The holds end when the
 * fault is in effect.
 *
 * A service with a queue may run a turn on another replica than the one that was asked. A fault of
 * a replica is therefore injected into each replica that runs a turn. It does so in sequence, so
 * that another replica can take over.
 *
 * Resolves with the users when the fault is healed and their turns have ended with any outcome.
 */
export async function midTurn(
  { deployment, inject, conversation, hold }: Stage,
  { on, steps, points, meanwhile }: MidTurn,
  fault: FaultOf,
): Promise<Conversation[]> {
  const users = points.map((point) => ({ point, user: conversation() }));
  await Promise.all(users.map(({ user }) => user.say("a fact", { on })));
  const begun = users.map(({ user, point }) => {
    const held = hold(user.next, point);
    return { held, outcome: user.say(steps.join(", then "), { on, steps }) };
  });
  const doomed = await Promise.all(
    begun.map(async (turn) => ({ ...turn, executor: await turn.held.reached() })),
  );
  const groups = Map.groupBy(doomed, ({ executor }) =>
    typeof fault === "function"
      ? (deployment.replicas.find(({ name }) => name === executor) ?? on)
      : on,
  );
  for (const [executor, turns] of groups) {
    await using _ = await inject(typeof fault === "function" ? fault(executor) : fault);
    for (const { held } of turns) held[Symbol.dispose]();
    await Promise.all(turns.map(({ outcome }) => outcome));
    await meanwhile?.();
  }
  return users.map(({ user }) => user);
}
