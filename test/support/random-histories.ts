/**
 * Small random histories for the proof by brute force: up to four clients use a simulated service
 * whose attempts fail, stay unknown, are retried and take effect late. Then lists are corrupted, so
 * that most kinds of error occur, above all those that a checker might just miss. fast-check
 * generates a plan and shrinks it: no operation, corruption or interleaving that is not needed.
 */
import fc from "fast-check";
import type { Entry, Event, History, Outcome } from "../../harness/history/history.ts";
import type { Token } from "../../harness/history/token.ts";
import { a, headerOf, q } from "./shorthand.ts";
import { corrupted, withoutCalls } from "./corrupt-history.ts";
import { type AttemptPlan, type HistoryPlan, historyPlan, type ReadPlan } from "./history-plan.ts";

export interface RandomHistory {
  readonly history: History;
  /** A turn was saved after its attempt had ended as unknown. */
  readonly lateEffect: boolean;
}

export const randomHistory: fc.Arbitrary<RandomHistory> = fc.noBias(historyPlan).map((planned) => {
  const { history, lateEffect } = play(planned);
  const lines = history.entries.map((entry) => JSON.stringify(entry));
  return { history, lateEffect, [fc.toStringMethod]: () => `\n${lines.join("\n")}` };
});

interface Block {
  readonly turn: number;
  readonly tokens: readonly Token[];
}

interface World {
  readonly entries: Entry[];
  readonly service: HistoryPlan["service"];
  /** Every state of the list so far, the current one last. */
  readonly states: (readonly Block[])[];
  readonly running: Set<number>;
  /** The tasks with remaining steps: one generator per client or late execution. */
  readonly tasks: Generator<undefined, void>[];
  turns: number;
  replies: number;
  late: boolean;
}

function play(planned: HistoryPlan): RandomHistory {
  const world: World = {
    entries: [],
    service: planned.service,
    states: [[]],
    running: new Set(),
    tasks: [],
    turns: 0,
    replies: 0,
    late: false,
  };
  for (const client of [0, 1, 2, 3]) {
    const own = planned.operations.filter(([number]) => number === client);
    const operations = own.map(([, each]) => each);
    if (own.length > 0) world.tasks.push(talk(world, `client-${client}`, operations));
  }
  for (let step = 0; world.tasks.length > 0; step++) {
    const newest = world.tasks.length - 1;
    const place = newest - ((planned.schedule[step] ?? 0) % world.tasks.length);
    if (world.tasks[place]?.next().done) world.tasks.splice(place, 1);
  }
  const backwards = world.service === "backwards";
  if (backwards || planned.readsAtEnd) {
    // No client is left, so these reads run without interleaving.
    for (const name of ["a", "b"] as const) {
      const each = { ...planned.finalReads[name], replica: name, timesOut: false };
      Array.from(look(world, `final-${name}`, each, true));
    }
  }
  if (planned.otherThread) turnElsewhere(world);
  // If every turn shows what it sees, a turn out of its client's order always shows as a fork.
  const strips = backwards || planned.withoutCalls;
  const entries = strips ? withoutCalls(world.entries) : world.entries;
  const history = { header: headerOf({}), entries };
  return { history: corrupted(history, planned.corruptions), lateEffect: world.late };
}

function record(world: World, event: Event): void {
  const seq = world.entries.length + 1;
  world.entries.push({ ...event, seq, at: seq });
}

function* talk(
  world: World,
  name: string,
  operations: readonly (ReadPlan | readonly AttemptPlan[])[],
): Generator<undefined, void> {
  let client = name;
  for (const each of operations) {
    yield;
    if (!("slow" in each)) client = yield* say(world, client, each);
    else if (world.service !== "backwards") yield* look(world, client, each, false);
  }
}

function* look(world: World, client: string, planned: ReadPlan, final: boolean) {
  const { replica, slow, stale, dirty, timesOut } = planned;
  const name = `read-${world.entries.length}`;
  record(world, {
    kind: "read.begin",
    view: "read",
    read: name,
    thread: "t",
    client,
    on: replica,
    final,
  });
  yield;
  // During a slow read, turns begin and end that no other read can show.
  for (let wait = slow ? 12 : 0; wait > 0; wait--) yield;
  const seen = listOf(world, { stale, dirty, own: null });
  yield;
  const answer = timesOut
    ? { list: null, status: null, why: "timed out" }
    : { list: seen, status: 200, why: null };
  record(world, { kind: "read.end", read: name, replica, ...answer });
}

/** One turn with its attempts; returns the client that continues. */
function* say(
  world: World,
  client: string,
  attempts: readonly AttemptPlan[],
): Generator<undefined, string> {
  const turn = ++world.turns;
  for (const [index, planned] of attempts.entries()) {
    if (index > 0) yield;
    const name = `attempt-${turn}.${index + 1}`;
    const { replica } = planned;
    record(world, {
      kind: "attempt.begin",
      attempt: name,
      turn: q(turn),
      thread: "t",
      client,
      requestId: `request-${turn}`,
      threadId: "t",
      sound: true,
      on: replica,
      purpose: "workload",
      steps: [],
    });
    yield;
    const { outcome, list } = yield* attempted(world, turn, planned);
    record(world, { kind: "attempt.end", attempt: name, outcome, replica, status: null, list });
    if (outcome.kind === "ok") return client;
    if (outcome.kind === "unknown") client = `${client}+`;
  }
  return client;
}

interface Answer {
  readonly outcome: Outcome;
  readonly list: readonly Token[] | null;
}

function* attempted(
  world: World,
  turn: number,
  planned: AttemptPlan,
): Generator<undefined, Answer> {
  if (planned.refused) return { outcome: { kind: "failed", why: "busy" }, list: null };
  const execution: Execution = { reply: null, gaveUp: false };
  world.tasks.push(execute(world, turn, planned, execution));
  const patience = planned.patience ?? Infinity;
  for (let waited = 0; execution.reply === null; waited++) {
    if (waited >= patience || (planned.dies && waited > 5)) {
      execution.gaveUp = true;
      return { outcome: { kind: "unknown", why: "timed out" }, list: null };
    }
    yield;
  }
  const shows = world.service !== "backwards" && planned.shows;
  const list = shows ? listOf(world, { stale: planned.showsStale, dirty: false, own: turn }) : null;
  yield;
  if (planned.reset) return { outcome: { kind: "unknown", why: "reset" }, list: null };
  return { outcome: { kind: "ok", reply: `noted ${execution.reply}` }, list };
}

interface Execution {
  reply: Token | null;
  gaveUp: boolean;
}

/** The service's side of an attempt: it continues after the client gave up. */
function* execute(
  world: World,
  turn: number,
  { replica, dies, startsStale }: AttemptPlan,
  execution: Execution,
): Generator<undefined, void> {
  const saved = () => world.states.at(-1)?.find((block) => block.turn === turn);
  const idempotent = world.service !== "twice";
  yield;
  let block = idempotent ? saved() : undefined;
  if (!block) {
    const before = snapshot(world, startsStale);
    const reply = a(`${turn}${String.fromCharCode(97 + (world.replies++ % 26))}`);
    const call = `call-${world.entries.length}`;
    world.running.add(turn);
    const list = before.flatMap(({ tokens }) => tokens);
    const about = { turn: q(turn), ordinal: 1, malformed: null, transcript: [] };
    record(world, { kind: "model.call", call, replica, list, ...about });
    yield;
    record(world, { kind: "model.answer", call, status: 200, tools: [], token: reply });
    yield;
    if (dies) return;
    block = idempotent ? saved() : undefined;
    if (!block) {
      block = { turn, tokens: [q(turn), reply] };
      const onto = world.service === "forgetful" ? before : (world.states.at(-1) ?? []);
      world.states.push(world.service === "backwards" ? [block, ...onto] : [...onto, block]);
      world.late ||= execution.gaveUp;
    }
    world.running.delete(turn);
  }
  yield;
  execution.reply = block.tokens[1] ?? null;
}

function snapshot(world: World, stale: boolean): readonly Block[] {
  return world.states.at(world.service === "lagging" && stale ? -2 : -1) ?? [];
}

/** The list that a reader sees. It may end with the message of another turn in flight. */
function listOf(
  world: World,
  { stale, dirty, own }: { stale: boolean; dirty: boolean; own: number | null },
): Token[] {
  const blocks = snapshot(world, stale);
  const list = blocks.flatMap(({ tokens }) => tokens);
  const [waiting] = [...world.running].filter((turn) => !blocks.some((each) => each.turn === turn));
  if (dirty && waiting !== undefined && waiting !== own) list.push(q(waiting));
  return list;
}

/** A turn on another thread, whose tokens must not occur on this one. */
function turnElsewhere(world: World): void {
  const call = "call-foreign";
  const about = { turn: q(99), ordinal: 1, malformed: null, transcript: [] };
  record(world, {
    kind: "attempt.begin",
    attempt: "attempt-99",
    turn: q(99),
    thread: "other",
    client: "foreign",
    requestId: null,
    threadId: "other",
    sound: true,
    on: "a",
    purpose: "workload",
    steps: [],
  });
  record(world, { kind: "model.call", call, replica: "a", list: [], ...about });
  record(world, { kind: "model.answer", call, status: 200, tools: [], token: a(99) });
  const outcome: Outcome = { kind: "ok", reply: a(99) };
  const end = { attempt: "attempt-99", replica: "a", status: 200, list: null };
  record(world, { kind: "attempt.end", ...end, outcome });
}
