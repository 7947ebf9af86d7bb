/**
 * Small random histories for the proof by brute force: up to four clients talk to a simulated
 * service, whose attempts fail, stay unknown, are repeated and take effect late. Then lists are
 * cut, swapped and filled, so that most sorts of wrong occur, near misses above all.
 */
import type { Entry, Event, History, Outcome } from "../../harness/history/history.ts";
import type { Token } from "../../harness/history/token.ts";
import { a, headerOf, q } from "./shorthand.ts";
import { damaged, withoutCalls } from "./corrupt-history.ts";
import { randomOf } from "./seeded-choice.ts";
import type { Random } from "./seeded-choice.ts";

export interface RandomHistory {
  readonly history: History;
  /** A turn was saved after its attempt had ended as unknown. */
  readonly lateEffect: boolean;
}

/**
 * How the simulated service keeps its list. The one that puts new turns first is only read at the
 * end: earlier lists would disagree with it, and the order of a client's turns would not matter.
 */
type Service = "exact" | "lagging" | "forgetful" | "twice" | "backwards";

interface Block {
  readonly turn: number;
  readonly tokens: readonly Token[];
}

interface World {
  readonly random: Random;
  readonly entries: Entry[];
  readonly service: Service;
  /** Every state of the list so far, the current one last. */
  readonly states: (readonly Block[])[];
  readonly running: Set<number>;
  /** Steps that wait to be taken, one generator per client or late execution. */
  readonly tasks: Generator<undefined, void>[];
  turns: number;
  replies: number;
  late: boolean;
}

export function randomHistory(seed: number): RandomHistory {
  const random = randomOf(seed);
  const services = [
    ...(["exact", "exact", "exact", "exact", "exact", "lagging", "lagging"] as const),
    ...(["forgetful", "forgetful", "twice", "twice", "backwards"] as const),
  ] as const;
  const world: World = {
    random,
    entries: [],
    service: random.pick(services),
    states: [[]],
    running: new Set(),
    tasks: [],
    turns: 0,
    replies: 0,
    late: false,
  };
  const clients = 1 + random.below(4);
  const operations = 2 + random.below(7);
  for (let client = 0; client < clients; client++) {
    const share = Math.floor((operations + client) / clients);
    world.tasks.push(talk(world, `client-${client}`, share));
  }
  while (world.tasks.length > 0) {
    const place = random.below(world.tasks.length);
    if (world.tasks[place]?.next().done) world.tasks.splice(place, 1);
  }
  const backwards = world.service === "backwards";
  if (backwards || random.chance(0.5)) {
    // Nobody else is left, so these reads are taken in one go.
    for (const replica of ["a", "b"]) Array.from(read(world, `final-${replica}`, replica, true));
  }
  if (random.chance(0.3)) stranger(world);
  // Where every turn says what it sees, a turn out of its client's order always shows as a fork.
  const entries = backwards || random.chance(0.3) ? withoutCalls(world.entries) : world.entries;
  const history = { header: headerOf({ seed }), entries };
  return { history: damaged(history, random), lateEffect: world.late };
}

function record(world: World, event: Event): void {
  const seq = world.entries.length + 1;
  world.entries.push({ ...event, seq, at: seq });
}

function* talk(world: World, name: string, operations: number): Generator<undefined, void> {
  let client = name;
  for (let operation = 0; operation < operations; operation++) {
    yield;
    const looks = world.service !== "backwards" && world.random.chance(0.35);
    if (looks) yield* read(world, client, world.random.pick(["a", "b"]), false);
    else client = yield* say(world, client);
  }
}

function* read(world: World, client: string, replica: string, final: boolean) {
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
  // Some reads take long: then turns begin and end while nobody can have seen them yet.
  for (let wait = world.random.chance(0.3) ? 12 : 0; wait > 0; wait--) yield;
  const list = look(world, true);
  yield;
  const answered = final || world.random.chance(0.9);
  const status = answered ? 200 : null;
  const why = answered ? null : "timed out";
  const seen = answered ? list : null;
  record(world, { kind: "read.end", read: name, replica, list: seen, status, why });
}

/** One turn with its attempts; returns the client that goes on. */
function* say(world: World, client: string): Generator<undefined, string> {
  const turn = ++world.turns;
  for (let number = 1; ; number++) {
    const attempt = `attempt-${turn}.${number}`;
    const replica = world.random.pick(["a", "b"]);
    record(world, {
      kind: "attempt.begin",
      attempt,
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
    const { outcome, list } = yield* attempted(world, turn, replica);
    record(world, { kind: "attempt.end", attempt, outcome, replica, status: null, list });
    if (outcome.kind === "ok") return client;
    if (outcome.kind === "unknown") client = `${client}+`;
    if (number === 3 || world.random.chance(0.4)) return client;
    yield;
  }
}

interface Answer {
  readonly outcome: Outcome;
  readonly list: readonly Token[] | null;
}

function* attempted(world: World, turn: number, replica: string): Generator<undefined, Answer> {
  const { random } = world;
  if (random.chance(0.15)) return { outcome: { kind: "failed", why: "busy" }, list: null };
  const execution: { reply: Token | null; gaveUp: boolean } = { reply: null, gaveUp: false };
  const dies = random.chance(0.15);
  world.tasks.push(execute(world, turn, replica, execution, dies));
  const patience = random.chance(0.35) ? random.below(6) : Infinity;
  for (let waited = 0; execution.reply === null; waited++) {
    if (waited >= patience || (dies && waited > 5)) {
      execution.gaveUp = true;
      return { outcome: { kind: "unknown", why: "timed out" }, list: null };
    }
    yield;
  }
  const shows = world.service !== "backwards" && random.chance(0.4);
  const list = shows ? look(world, false, turn) : null;
  yield;
  if (random.chance(0.1)) return { outcome: { kind: "unknown", why: "reset" }, list: null };
  return { outcome: { kind: "ok", reply: `noted ${execution.reply}` }, list };
}

/** The service's side of an attempt: it goes on when nobody waits for it any more. */
function* execute(
  world: World,
  turn: number,
  replica: string,
  execution: { reply: Token | null; gaveUp: boolean },
  dies: boolean,
): Generator<undefined, void> {
  const saved = () => world.states.at(-1)?.find((block) => block.turn === turn);
  const idempotent = world.service !== "twice";
  yield;
  let block = idempotent ? saved() : undefined;
  if (!block) {
    const before = snapshot(world);
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

function snapshot(world: World): readonly Block[] {
  const lag = world.service === "lagging" && world.random.chance(0.3) ? 2 : 1;
  return world.states.at(-lag) ?? [];
}

/** What a reader sees; a message in flight may stand at the end of it. */
function look(world: World, dirty: boolean, own?: number): Token[] {
  const blocks = snapshot(world);
  const list = blocks.flatMap(({ tokens }) => tokens);
  const [waiting] = [...world.running].filter((turn) => !blocks.some((each) => each.turn === turn));
  if (dirty && waiting !== undefined && waiting !== own && world.random.chance(0.3)) {
    list.push(q(waiting));
  }
  return list;
}

/** A turn on another thread, whose tokens have no business here. */
function stranger(world: World): void {
  const call = "call-stranger";
  const about = { turn: q(99), ordinal: 1, malformed: null, transcript: [] };
  record(world, {
    kind: "attempt.begin",
    attempt: "attempt-99",
    turn: q(99),
    thread: "other",
    client: "stranger",
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
