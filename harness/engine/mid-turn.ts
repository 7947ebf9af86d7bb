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
  /** What happens once these turns have ended, and the fault is still there. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** A fault, or that of the replica that runs a turn. */
type FaultOf = Fault | ((executor: Replica) => Fault);

/**
 * Injects a fault in the middle of several turns at once: one user for each point, who has said a
 * fact, and has a turn with these steps in flight at that point. What was kept open goes on in the
 * fault. Where turns are queued, other replicas may run them than the one that was asked: the fault
 * of a replica is that of each that runs one, one after the other, so that another one is there to
 * take over. Resolves to the users once their turns have ended, however they did, and it is healed.
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
