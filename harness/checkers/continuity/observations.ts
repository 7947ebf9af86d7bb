/**
 * What each life of each replica showed of a thread: the evidence for a diagnosis. One question
 * above all tells the causes apart: did a process ever see what another one wrote?
 */
import { entriesOf } from "../../history/history.ts";
import type { History } from "../../history/history.ts";
import type { Token } from "../../history/token.ts";
import type { Life, LifeAt } from "../lives.ts";
import { attemptsOf } from "../turns.ts";
import { completeLength } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import { nameOf } from "./thread-levels.ts";
import type { Read, ThreadOperations, Write } from "./operation.ts";

/** A list of complete blocks that a read showed, or that an acknowledgement implied. */
export interface Observation {
  readonly label: string;
  readonly list: readonly Token[];
  readonly begin: number;
  readonly end: number;
  readonly replica: string | null;
  readonly life: Life | null;
  /** What showed it; "acknowledgement": nothing did, an acknowledgement implies it. */
  readonly source: Read["source"] | "acknowledgement";
  /** False: no read showed it; it is what the turn saw, with the acknowledged turn appended. */
  readonly real: boolean;
  /** False: only the turn's own block is known, and not what was before it. */
  readonly whole: boolean;
  /** The turn whose reply, model call or acknowledgement it is. */
  readonly turn: string | null;
  /** The message of that turn. */
  readonly own: Token | null;
  /** It comes from the engine's reads or turns after the heal. */
  readonly last: boolean;
}

/**
 * By token of a reply: the life of the replica that called the model for it. Without any model call
 * in the history: by token of a message, the life of the replica that answered it.
 */
export function makersOf(history: History, lifeAt: LifeAt): Map<Token, Life> {
  const calls = new Map(entriesOf(history, "model.call").map((call) => [call.call, call]));
  const makers = new Map<Token, Life>();
  for (const { call, token } of entriesOf(history, "model.answer")) {
    const asked = calls.get(call);
    const life = asked ? lifeAt(asked.replica, asked.seq) : null;
    if (token !== null && life) makers.set(token, life);
  }
  if (makers.size > 0) return makers;
  for (const { begin, end } of attemptsOf(history)) {
    const life = lifeAt(end?.replica ?? null, end?.seq ?? begin.seq);
    if (end?.outcome.kind === "ok" && life) makers.set(begin.turn, life);
  }
  return makers;
}

/** What reads of a thread showed and acknowledgements implied, in order of `begin`. */
export function observationsOf(
  operations: ThreadOperations,
  register: Register,
  lifeAt: LifeAt,
): Observation[] {
  const seen = operations.reads.map((read): Observation => ({
    label: nameOf(read),
    list: read.list.slice(0, completeLength(read.list, register)),
    begin: read.begin,
    end: read.end,
    replica: read.replica,
    life: lifeAt(read.replica, read.end),
    source: read.source,
    real: true,
    whole: true,
    turn: read.turn,
    own: read.own,
    last: read.last,
  }));
  const implied = operations.writes.flatMap((write) => impliedBy(write, seen, lifeAt));
  return [...seen, ...implied].sort((one, other) => one.begin - other.begin || one.end - other.end);
}

/** What an acknowledgement implies: the list that its last model call saw, and its own block. */
function impliedBy(write: Write, seen: readonly Observation[], lifeAt: LifeAt): Observation[] {
  if (write.outcome !== "ok") return [];
  const calls = seen.filter((each) => each.turn === write.turn && each.begin === each.end);
  const call = calls.at(-1);
  const attempt = write.attempts.find(({ end }) => end === write.end);
  const replica = call?.replica ?? attempt?.replica ?? null;
  return [
    {
      label: `the acknowledgement of ${write.turn}${replica === null ? "" : ` by ${replica}`}`,
      list: [...(call?.list ?? []), write.token, ...write.acknowledged.slice(-1)],
      begin: write.begin,
      end: write.end,
      replica,
      life: call?.life ?? lifeAt(replica, write.end),
      source: "acknowledgement",
      real: false,
      whole: call !== undefined,
      turn: write.turn,
      own: write.token,
      last: write.last,
    },
  ];
}

/**
 * Which replicas share a store, because one saw what another one wrote; and which keep theirs over
 * a restart, because a later life saw what an earlier one wrote.
 */
export class Sharing {
  readonly #pairs = new Set<string>();
  readonly #shared = new Set<string>();

  learn(observations: readonly Observation[], makers: ReadonlyMap<Token, Life>): void {
    for (const { real, life, list } of observations) {
      if (!real || !life) continue;
      for (const token of list) {
        const maker = makers.get(token);
        if (!maker || (maker.replica === life.replica && maker.ordinal === life.ordinal)) continue;
        this.#pairs.add(`${maker.replica} ${life.replica}`);
        this.#pairs.add(`${life.replica} ${maker.replica}`);
        this.#shared.add(maker.replica).add(life.replica);
      }
    }
  }

  /** Whether any life saw what another one wrote: there is a store outside of the processes. */
  get any(): boolean {
    return this.#shared.size > 0;
  }

  /** Whether the one life never saw what the other one wrote. */
  apart(one: Life, other: Life): boolean {
    if (one.replica === other.replica) {
      return one.ordinal !== other.ordinal && !this.#shared.has(one.replica);
    }
    return !this.#pairs.has(`${one.replica} ${other.replica}`);
  }
}
