import type { Message } from "./message.ts";
import { tokensIn, type Token } from "../../history/token.ts";
import { type Ask, scriptAt, type Turn, type Turns } from "../../history/turn.ts";
import { malformation, type Rules } from "./malformed.ts";
import { isDescending, ownTurn } from "./own-turn.ts";
import { PromptHabits } from "./prompt-habits.ts";
import { olderFirst, shownBefore, shownIn } from "./shown-history.ts";

/** What a prompt shows of the conversation that it comes from. */
export interface Reading {
  /** The turn that is running; null: a side call. */
  readonly turn: Turn | null;
  /** The turn that was over before this side call. */
  readonly after?: Turn;
  /** The place of this model call in the turn's script, from 1. */
  readonly ordinal: number;
  /** The tools that the model asks for; empty: it replies. */
  readonly asks: readonly Ask[];
  /** `q` and `a` tokens before the turn's own, in the order of the conversation. */
  readonly list: readonly Token[];
  /** The tokens in system messages, if the list comes from other messages. */
  readonly system: readonly Token[];
  /** How often the turn's own message is repeated: in the history and as the question. */
  readonly repeats: number;
  readonly newestFirst: boolean;
  readonly malformed: string | null;
}

/**
 * Reads a transcript. Tokens are found anywhere in the text, because some services flatten the
 * history into one message. Those in system messages are memories, summaries or retrieved texts,
 * unless the history is only there. An acknowledged turn is over, so a prompt that ends with it
 * is a side call (a title, a summary). A turn with an unknown outcome may be resumed later, so it
 * still counts.
 */
export function readTranscript(
  messages: readonly Message[],
  turns: Turns,
  rules: Rules = "chat",
  habits = new PromptHabits(),
): Reading {
  const malformed = malformation(messages, rules);
  const turnsIn = (tokens: readonly Token[]) => tokens.flatMap((token) => turns.find(token) ?? []);
  const spoken = messages.filter((message) => !isInstruction(message));
  const isSpoken = turnsIn(shownIn(spoken)).length > 0;
  // Some services write everything into one system message.
  const talk = isSpoken ? spoken : messages;
  const turn = ownTurn(turnsIn(shownIn(talk)), turns, habits.isNewestFirst);
  if (turn === undefined) return sideCall(malformed);
  if (turn.settled) return { ...sideCall(malformed), after: turn };
  const system = isSpoken
    ? shownIn(messages.filter(isInstruction)).filter((it) => it !== turn.token)
    : [];
  const isOfThread = (it: Turn) => it !== turn && it.thread === turn.thread;
  const isShown = turnsIn(shownIn(talk)).some(isOfThread);
  if (isSpoken && isShown) habits.showsHistoryInMessages();
  const remembered = turnsIn(system).some((it) => isOfThread(it) && it.settled);
  const isInSystem = habits.historyInSystem ?? (!isShown && remembered);
  const from = isInSystem ? messages : talk;
  const tokens = shownIn(from);
  const mine = turnsIn(tokens).filter((it) => it.thread === turn.thread);
  const newestFirst = mine[0] === turn && isDescending(mine);
  if (newestFirst && new Set(mine).size > 2) habits.showsNewestFirst();
  return {
    turn,
    ...scriptAt(turn, answeredTools(messages, turn, turns, newestFirst)),
    list: newestFirst ? olderFirst(tokens, turn, turns) : shownBefore(tokens, turn, turns),
    system: isInSystem ? [] : system,
    repeats: tokens.filter((token) => token === turn.token).length - 1,
    newestFirst,
    malformed,
  };
}

/** The reading of a side call: it belongs to no turn. */
export function sideCall(malformed: string | null): Reading {
  const nothing = { ordinal: 0, asks: [], list: [], system: [], repeats: 0, newestFirst: false };
  return { turn: null, ...nothing, malformed };
}

function isInstruction({ role }: Message): boolean {
  return role === "system" || role === "developer";
}

/**
 * The number of tools that already answered in this turn. A pure function of the transcript: a
 * counter of calls would be wrong after a resume.
 */
function answeredTools(
  messages: readonly Message[],
  turn: Turn,
  turns: Turns,
  newestFirst: boolean,
): number {
  // After the message of the turn, a result without the harness's token is the turn's own as well.
  const isOwn = (text: string): boolean => {
    const [token] = tokensIn(text, "s");
    const step = token === undefined ? undefined : turns.step(token);
    return step === undefined ? !newestFirst : step.turn === turn;
  };
  const start = messages.findLastIndex((message) => message.text.includes(turn.token));
  const after = messages
    .slice(newestFirst ? 0 : start + 1)
    .filter(({ answers, text }) => answers !== null && isOwn(`${answers} ${text}`));
  if (after.length > 0) return after.length;
  // A flattened history has no tool messages: the ledger's answers are in the text.
  const flat = messages.map((message) => message.text).join("\n");
  const rest = newestFirst ? flat : flat.slice(flat.lastIndexOf(turn.token));
  return new Set(rest.match(/done tps-[0-9a-z]{8}/g)?.filter(isOwn)).size;
}
