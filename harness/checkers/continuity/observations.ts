/**
 * Who saw what, and in which life of which process: the material of a diagnosis. The causes are
 * told apart by one question above all: did a process ever see what another one wrote?
 */
import { entriesOf } from "../../history/history.ts";
import type { History } from "../../history/history.ts";
import type { Token } from "../../history/token.ts";
import { livesOf } from "../lives.ts";
import { attemptsOf } from "../turns.ts";
import { completeLength } from "./integrity.ts";
import type { Register } from "./integrity.ts";
import { nameOf } from "./ladder.ts";
import type { ThreadOperations, Write } from "./operation.ts";

/** One life of one replica: from a start to its end. Compared by identity. */
export interface Life {
  readonly replica: string;
  /** Its place among the lives of the replica, from 0. */
  readonly ordinal: number;
  /** `seq` of its exit, or of the next start; Infinity while it lives. */
  readonly ended: number;
}

/** A list of complete blocks as somebody saw it, or as an acknowledgement implied it. */
export interface Sighting {
  readonly label: string;
  readonly list: readonly Token[];
  readonly begin: number;
  readonly end: number;
  readonly replica: string | null;
  readonly life: Life | null;
  /** False: nobody read it; the acknowledged turn would have been appended to what it had seen. */
  readonly real: boolean;
  /** False: only the turn's own block is known, not what stood before it. */
  readonly whole: boolean;
  /** The turn whose reply, model call or acknowledgement it is. */
  readonly turn: string | null;
  /** The message of that turn. */
  readonly own: Token | null;
  /** It is of the end, after everything was healed. */
  readonly last: boolean;
}

export type LifeAt = (replica: string | null, seq: number) => Life | null;

/** Which life of a replica a moment belongs to. A replica that was never seen to start has one. */
export function lifeAtOf(history: History): LifeAt {
  const byReplica = new Map<string, (Life & { readonly from: number })[]>();
  for (const { replica, start, exit, until } of livesOf(history)) {
    const lives = byReplica.get(replica) ?? [];
    byReplica.set(replica, lives);
    const ended = Math.min(exit?.seq ?? Infinity, until);
    lives.push({ replica, ordinal: lives.length, ended, from: start?.seq ?? 0 });
  }
  return (replica, seq) => {
    if (replica === null) return null;
    const lives = byReplica.get(replica);
    if (lives) return lives.findLast(({ from }) => from <= seq) ?? lives[0] ?? null;
    const only = { replica, ordinal: 0, ended: Infinity, from: 0 };
    byReplica.set(replica, [only]);
    return only;
  };
}

/**
 * Where each reply was made: by its token, the life of the replica that called the model. Where no
 * call was seen, each message counts as made where it was answered.
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

/** All that was seen of a thread, and what acknowledgements implied, in order of `begin`. */
export function sightingsOf(
  operations: ThreadOperations,
  register: Register,
  lifeAt: LifeAt,
): Sighting[] {
  const seen = operations.reads.map((read): Sighting => ({
    label: nameOf(read),
    list: read.list.slice(0, completeLength(read.list, register)),
    begin: read.begin,
    end: read.end,
    replica: read.replica,
    life: lifeAt(read.replica, read.end),
    real: true,
    whole: true,
    turn: read.turn,
    own: read.own,
    last: read.last,
  }));
  const implied = operations.writes.flatMap((write) => impliedBy(write, seen, lifeAt));
  return [...seen, ...implied].sort((one, other) => one.begin - other.begin || one.end - other.end);
}

/** What its acknowledgement says about the thread: what its last model call saw, and its block. */
function impliedBy(write: Write, seen: readonly Sighting[], lifeAt: LifeAt): Sighting[] {
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
      real: false,
      whole: call !== undefined,
      turn: write.turn,
      own: write.token,
      last: write.last,
    },
  ];
}

/**
 * Which replicas are known to use one store, because one saw what another wrote; and which keep
 * theirs over a restart, because a later life saw what an earlier one wrote.
 */
export class Sharing {
  readonly #pairs = new Set<string>();
  readonly #shared = new Set<string>();

  learn(sightings: readonly Sighting[], makers: ReadonlyMap<Token, Life>): void {
    for (const { real, life, list } of sightings) {
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

  /** True where nothing was ever seen to pass from the one life to the other. */
  apart(one: Life, other: Life): boolean {
    if (one.replica === other.replica) {
      return one.ordinal !== other.ordinal && !this.#shared.has(one.replica);
    }
    return !this.#pairs.has(`${one.replica} ${other.replica}`);
  }
}
