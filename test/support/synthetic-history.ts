/**
 * Large histories in which nothing is wrong: many threads of many turns over two replicas, one
 * turn in ten unknown and said again, its effect sometimes late. For tests and for the bench.
 */
import type { Entry, Event, History } from "../../harness/history/history.ts";
import type { Token } from "../../harness/history/token.ts";
import { headerOf } from "./shorthand.ts";
import { type Random, random as randomOf } from "../../harness/history/random.ts";

export interface Size {
  readonly seed: number;
  readonly threads: number;
  /** Turns on each thread. */
  readonly turns: number;
}

/** A linearizable history: interleaved turns of all threads, and two reads of each at the end. */
export function syntheticHistory({ seed, threads, turns }: Size): History {
  const random = randomOf(seed);
  const entries: Entry[] = [];
  const record = (event: Event) => {
    const seq = entries.length + 1;
    entries.push({ ...event, seq, at: seq });
  };
  const lists = Array.from({ length: threads }, (): Token[] => []);
  let count = 0;
  for (let turn = 0; turn < turns; turn++) {
    for (const [thread, list] of lists.entries()) {
      speak({ record, random, list, thread: `thread-${thread}`, number: ++count });
    }
  }
  for (const [thread, list] of lists.entries()) {
    for (const replica of ["a", "b"]) look(record, `thread-${thread}`, replica, list, true);
  }
  return { header: headerOf({ seed }), entries };
}

interface Speech {
  readonly record: (event: Event) => void;
  readonly random: Random;
  readonly list: Token[];
  readonly thread: string;
  /** The number of the turn in the whole run. Its tokens encode it. */
  readonly number: number;
}

function speak({ record, random, list, thread, number }: Speech): void {
  const block = [tokenOf("q", number), tokenOf("a", number)] as const;
  const chance = (probability: number) => random.next() < probability;
  const anyReplica = () => (chance(0.5) ? "a" : "b");
  const doomed = chance(0.1);
  const late = doomed && chance(0.5);
  const first = attempt(record, thread, number, 1, anyReplica());
  first.call(list, block[1]);
  if (doomed) first.end("unknown", null);
  if (late) list.push(...block);
  if (!doomed) {
    list.push(...block);
    first.end("ok", chance(0.2) ? [...list] : null);
  } else if (chance(0.8)) {
    const second = attempt(record, thread, number, 2, anyReplica());
    // The service finds the late effect of the first attempt by its request id and repeats it.
    if (!late) second.call(list, block[1]);
    if (!late) list.push(...block);
    second.end("ok", null);
  }
  if (chance(0.2)) look(record, thread, anyReplica(), list, false);
}

function attempt(
  record: Speech["record"],
  thread: string,
  turn: number,
  ordinal: number,
  replica: string,
) {
  const name = `attempt-${turn}.${ordinal}`;
  record({
    kind: "attempt.begin",
    attempt: name,
    turn: tokenOf("q", turn),
    thread,
    client: `${thread}/${ordinal}`,
    requestId: `request-${turn}`,
    threadId: thread,
    sound: true,
    on: replica,
    purpose: "workload",
    steps: [],
  });
  const reply = tokenOf("a", turn);
  return {
    call(list: readonly Token[], token: Token) {
      const call = `call-${name}`;
      const about = { ordinal: 1, malformed: null, transcript: [] };
      record({
        kind: "model.call",
        call,
        replica,
        turn: tokenOf("q", turn),
        list: [...list],
        ...about,
      });
      record({ kind: "model.answer", call, status: 200, tools: [], token });
    },
    end(kind: "ok" | "unknown", list: readonly Token[] | null) {
      const outcome = kind === "ok" ? { kind, reply } : { kind, why: "timed out" };
      record({ kind: "attempt.end", attempt: name, outcome, replica, status: null, list });
    },
  };
}

function look(
  record: Speech["record"],
  thread: string,
  replica: string,
  list: readonly Token[],
  final: boolean,
): void {
  const read = `read-${thread}-${list.length}-${replica}-${final}`;
  record({
    kind: "read.begin",
    view: "read",
    read,
    thread,
    client: `reader-${replica}`,
    on: replica,
    final,
  });
  const about = { status: 200, why: null };
  record({ kind: "read.end", read, replica, list: [...list], ...about });
}

const tokenOf = (sort: "q" | "a", turn: number) =>
  `tp${sort}-${turn.toString(36).padStart(8, "0")}`;
