import type { Conversation } from "../client/conversation.ts";
import type { Stage } from "./scenario.ts";
import { kill } from "../faults/kill.ts";
import { type MidTurn, midTurn } from "./mid-turn.ts";

/** Kills the replica that runs several turns in the middle; resolves when it is up again. */
export function killMidTurn(stage: Stage, given: MidTurn): Promise<Conversation[]> {
  return midTurn(stage, given, kill);
}
