import type { Conversation } from "../conversation.ts";
import type { Replica } from "../deployment.ts";
import type { Stage } from "../scenario.ts";
import type { Point } from "../turn.ts";
import { kill } from "./kill.ts";

/**
 * Kills a replica in the middle of several turns at once: one user for each point, who has said a
 * fact, and has a turn with these steps in flight at that point when the replica dies. Resolves to
 * the users once their turns have ended, as unknown, and the replica is up again.
 */
export async function killMidTurn(
  { deployment, conversation, hold }: Stage,
  { on, steps, points }: { on: Replica; steps: readonly string[]; points: readonly Point[] },
): Promise<Conversation[]> {
  const users = points.map((point) => ({ point, user: conversation() }));
  await Promise.all(users.map(({ user }) => user.say("a fact", { on })));
  const doomed = users.map(({ user, point }) => {
    const held = hold(user.next, point);
    return { held, outcome: user.say(steps.join(", then "), { on, steps }) };
  });
  await Promise.all(doomed.map(({ held }) => held.reached()));
  await using _ = await deployment.inject(kill(on));
  await Promise.all(doomed.map(({ outcome }) => outcome));
  return users.map(({ user }) => user);
}
