/**
 * Hand-written histories: the tests of the checkers say what happened, one line an event.
 *
 * A turn is a number, a thread and a client are names; everything has a default. Turn 3 says `q(3)`
 * and is answered `a(3)`; its second attempt is answered `a("3b")`. Lists are in the shorthand
 * of `shorthand.ts`: "1 2 q3" is q1 a1 q2 a2 q3, and "a3b" is that one reply.
 *
 *     handWritten()
 *       .ok(1, { on: "a", sees: "" })       // a whole turn: begin, model call and answer, end
 *       .say(2, { on: "b" }).modelCall(2, "1").unknown(2)       // the same in pieces
 *       .ok(2, { on: "a", sees: "1 q2" })   // a retry: another attempt of turn 2
 *       .restart("a")
 *       .read("1 2", { on: "b", final: true })
 *       .history();
 */
import type { ExperimentName } from "../../harness/history/experiment.ts";
import type { Entry, Event, History, Outcome, Phase } from "../../harness/history/history.ts";
import { isMessage, type Token } from "../../harness/history/token.ts";
import { a, headerOf, q, tokens } from "./shorthand.ts";
import type { Blocks, Calling, Ending, HeaderPart, Reading, Saying } from "./shorthand.ts";

interface Open {
  readonly attempt: string;
  readonly on: string;
  readonly reply: Token;
}

export function handWritten(header: HeaderPart = {}): HandWritten {
  return new HandWritten(header);
}

class HandWritten {
  readonly #header: HeaderPart;
  readonly #entries: Entry[] = [];
  readonly #attempts = new Map<number, number>();
  readonly #threads = new Map<number, Saying>();
  readonly #open = new Map<number, Open>();
  readonly #reads = new Map<string, string>();
  readonly #started = new Set<string>();
  #at = 0;
  #count = 0;

  constructor(header: HeaderPart) {
    this.#header = header;
    for (const replica of header.replicas ?? ["a", "b"]) this.start(replica);
  }

  /** Begins an attempt. For a known turn it is a retry of the same message by a new client. */
  say(turn: number, saying: Saying = {}): this {
    const attempts = (this.#attempts.get(turn) ?? 0) + 1;
    this.#attempts.set(turn, attempts);
    const before = this.#threads.get(turn);
    const fresh = before && { client: `${before.client ?? "c"}+` };
    const given = { ...before, ...fresh, ...saying };
    this.#threads.set(turn, given);
    const { thread = "t", client = "c", on = "a", steps = [], sound = true } = given;
    const attempt = `attempt-${turn}.${attempts}`;
    const suffix = attempts === 1 ? "" : String.fromCharCode(96 + attempts);
    this.#open.set(turn, { attempt, on, reply: a(`${turn}${suffix}`) });
    return this.entry({
      kind: "attempt.begin",
      attempt,
      turn: q(turn),
      thread,
      client,
      requestId: given.requestId === undefined ? `request-${turn}` : given.requestId,
      threadId: "threadId" in given ? given.threadId : thread,
      sound,
      on,
      purpose: given.purpose ?? "workload",
      steps,
    });
  }

  /** Adds a model call of the turn and its answer. */
  modelCall(turn: number, sees: Blocks, calling: Calling = {}): this {
    const open = this.#open.get(turn);
    const call = `call-${++this.#count}`;
    this.entry({
      kind: "model.call",
      call,
      replica: calling.on ?? open?.on ?? "a",
      turn: q(turn),
      ordinal: calling.ordinal ?? 1,
      list: tokens(sees),
      malformed: calling.malformed ?? null,
      transcript: [...tokens(sees), q(turn)].map((text) => ({
        role: isMessage(text) ? "user" : "assistant",
        text,
      })),
    });
    if (calling.answered === false) return this;
    const token = calling.token === undefined ? (open?.reply ?? a(turn)) : calling.token;
    return this.entry({
      kind: "model.answer",
      call,
      status: calling.malformed ? 400 : (calling.status ?? 200),
      tools: calling.tools ?? [],
      token: calling.malformed || calling.tools?.length ? null : token,
      ...(calling.brokeOff === undefined ? {} : { brokeOff: calling.brokeOff }),
    });
  }

  /** Ends the open attempt as acknowledged. If none is open, adds a whole turn. */
  ok(turn: number, part: Saying & Ending = {}): this {
    const open = this.#begun(turn, part);
    return this.#end(turn, { kind: "ok", reply: part.reply ?? `noted ${open.reply}` }, part, 200);
  }

  unknown(turn: number, part: Saying & Ending = {}): this {
    this.#begun(turn, part);
    return this.#end(turn, { kind: "unknown", why: part.why ?? "socket hang up" }, part, null);
  }

  failed(turn: number, part: Saying & Ending = {}): this {
    this.#begun(turn, part);
    return this.#end(turn, { kind: "failed", why: part.why ?? "409 thread is busy" }, part, 409);
  }

  interrupted(turn: number, part: Saying & Ending = {}): this {
    this.#begun(turn, part);
    return this.#end(turn, { kind: "interrupted", approval: `approve ${turn}` }, part, 200);
  }

  /** Adds a read of the thread. Null: the service did not answer it. */
  read(blocks: Blocks | null, reading: Reading = {}): this {
    const name = `read-${++this.#count}`;
    return this.readBegin(name, reading).readEnd(name, blocks);
  }

  readBegin(name: string, reading: Reading = {}): this {
    const { thread = "t", client = "c", on = "a", final = false } = reading;
    this.#reads.set(name, on);
    return this.entry({ kind: "read.begin", view: "read", read: name, thread, client, on, final });
  }

  readEnd(name: string, blocks: Blocks | null): this {
    return this.entry({
      kind: "read.end",
      read: name,
      replica: this.#reads.get(name) ?? null,
      list: blocks === null ? null : tokens(blocks),
      status: blocks === null ? null : 200,
      why: blocks === null ? "timed out" : null,
    });
  }

  /** Reads the thread through every replica after all faults are healed, with one list for each. */
  finally(lists: Readonly<Record<string, Blocks>>, thread = "t"): this {
    this.phase("final");
    for (const [on, list] of Object.entries(lists)) {
      this.read(list, { on, thread, client: `final-${on}`, final: true });
    }
    return this;
  }

  /** The first start of a replica is boot 0, a later one boot 1 unless another is given. */
  start(replica: string, changed: readonly string[] = [], boot?: number): this {
    const counted = boot ?? (this.#started.has(replica) ? 1 : 0);
    this.#started.add(replica);
    this.entry({ kind: "replica.start", replica, pid: 1, boot: counted, changed });
    return this.entry({ kind: "replica.ready", replica, afterMs: 1 });
  }

  signal(replica: string, signal: string): this {
    return this.entry({ kind: "replica.signal", replica, signal });
  }

  exit(replica: string, signal = "SIGKILL", asked = true): this {
    const event = { replica, pid: 1, code: null, signal, asked, lastLines: [] };
    return this.entry({ kind: "replica.exit", ...event });
  }

  /** Kills the replica and starts it again. */
  restart(replica: string, signal = "SIGKILL"): this {
    return this.exit(replica, signal).start(replica);
  }

  fault(name: string, replica: string | null = null): this {
    const stops = name.startsWith("hold ") ? "call" : null;
    return this.entry({ kind: "fault.begin", fault: name, name, replica, stops });
  }

  /** From now on no save succeeds, or the model sends no reply. */
  outage(name: string, stops: "saves" | "replies" = "saves"): this {
    return this.entry({ kind: "fault.begin", fault: name, name, replica: null, stops });
  }

  /** Cuts the replica off the network until `heal` with this name. */
  isolate(name: string, replica: string): this {
    return this.entry({ kind: "fault.begin", fault: name, name, replica, stops: "network" });
  }

  heal(name: string, what: string | null = "it bit"): this {
    const bite = { bit: what !== null, what: what ?? "nothing was in flight" };
    return this.entry({ kind: "fault.end", fault: name, name, bite });
  }

  /** Adds a side effect on the replica of the turn's open attempt, and the ledger's answer. */
  tool(
    turn: number,
    tool: string,
    part: { ordinal?: number; key?: string | null; on?: string; admitted?: boolean } = {},
  ): this {
    const call = `tool-${++this.#count}`;
    const replica = part.on ?? this.#open.get(turn)?.on ?? "a";
    const key = part.key === undefined ? `${q(turn)}/${tool}` : part.key;
    const ordinal = part.ordinal ?? 1;
    this.entry({ kind: "tool.call", call, replica, tool, turn: q(turn), ordinal, key });
    const admitted = part.admitted ?? true;
    return this.entry({ kind: "tool.answer", call, admitted, status: 200 });
  }

  /** A statement that was executed. */
  statement(name: string, { on = "a" }: { on?: string } = {}): this {
    const place = { replica: on, turn: null, name, ordinal: 1, attempt: 0 };
    return this.entry({ kind: "statement", ...place, phase: "done" });
  }

  deleted(thread = "t", ok = true): this {
    return this.entry({ kind: "thread.deleted", thread, ok, status: ok ? 204 : 500 });
  }

  /** The outcome of an experiment: violated, with these diagnoses; without any it held. */
  experiment(name: ExperimentName, kinds: readonly string[]): this {
    const isViolated = kinds.length > 0;
    return this.entry({
      kind: "experiment",
      ...{ name, kinds: [...kinds], tookMs: 1 },
      outcome: isViolated ? "violated" : "holds",
      violated: isViolated ? ["remembers-everything"] : [],
    });
  }

  phase(phase: Phase): this {
    return this.entry({ kind: "phase", phase });
  }

  /** Advances the clock. Each entry also advances it by a millisecond. */
  wait(ms: number): this {
    this.#at += ms;
    return this;
  }

  /** Adds any event, for kinds without a method. */
  entry(event: Event): this {
    this.#at += 1;
    this.#entries.push({ ...event, seq: this.#entries.length + 1, at: this.#at });
    return this;
  }

  history(): History {
    return { header: headerOf(this.#header), entries: [...this.#entries] };
  }

  #begun(turn: number, part: Saying & Ending): Open {
    if (!this.#open.has(turn)) this.say(turn, part);
    const open = this.#open.get(turn);
    if (!open) throw new Error(`turn ${turn} was not begun`);
    if (part.sees !== undefined) this.modelCall(turn, part.sees);
    return open;
  }

  #end(turn: number, outcome: Outcome, part: Ending, status: number | null): this {
    const open = this.#open.get(turn);
    if (!open) throw new Error(`turn ${turn} has no open attempt to end`);
    this.#open.delete(turn);
    return this.entry({
      kind: "attempt.end",
      attempt: open.attempt,
      outcome,
      replica: open.on,
      status: part.status === undefined ? status : part.status,
      list: part.list === undefined ? null : tokens(part.list),
      ...(part.accepted && { accepted: part.accepted }),
      ...(part.gaveUp && { gaveUp: part.gaveUp }),
      ...(part.log !== undefined && { log: part.log }),
    });
  }
}
