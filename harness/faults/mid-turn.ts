import type { Conversation } from "../conversation.ts";
import type { Fault, Replica } from "../deployment.ts";
import type { Stage } from "../scenario.ts";
import type { Point } from "../turn.ts";

export interface MidTurn {
  readonly on: Replica;
  readonly steps: readonly string[];
  /** One user for each. */
  readonly points: readonly Point[];
  /** What happens once these turns have ended, and the fault is still there. */
  readonly meanwhile?: () => Promise<unknown>;
}

/**
 * Injects a fault in the middle of several turns at once: one user for each point, who has said a
 * fact, and has a turn with these steps in flight at that point. What was kept open goes on in the
 * fault. Resolves to the users once their turns have ended, however they did, and it is healed.
 */
export async function midTurn(
  { deployment, conversation, hold }: Stage,
  { on, steps, points, meanwhile }: MidTurn,
  fault: Fault,
): Promise<Conversation[]> {
  const users = points.map((point) => ({ point, user: conversation() }));
  await Promise.all(users.map(({ user }) => user.say("a fact", { on })));
  const doomed = users.map(({ user, point }) => {
    const held = hold(user.next, point);
    return { held, outcome: user.say(steps.join(", then "), { on, steps }) };
  });
  await Promise.all(doomed.map(({ held }) => held.reached()));
  await using _ = await deployment.inject(fault);
  for (const { held } of doomed) held[Symbol.dispose]();
  await Promise.all(doomed.map(({ outcome }) => outcome));
  await meanwhile?.();
  return users.map(({ user }) => user);
}
