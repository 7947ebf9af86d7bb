import type { Request } from "../config/request.ts";
import { placeInWords, type Source } from "../config/json-path.ts";
import type { Say, Talk } from "../config/dialect.ts";
import { found, type Manners, type Says, saysOf } from "./interpret.ts";
import type { Names } from "./filled-request.ts";
import { jobEnd } from "./job.ts";
import { channelsIn, type Listed, listIn } from "./message-list.ts";
import { textOf } from "./message-text.ts";
import { saidByCode } from "./say.ts";
import { readerFor } from "./stream.ts";
import type { StreamReader } from "./stream-reader.ts";
import { threadId } from "./thread-id.ts";
import { addressed, type Exchange, type Heard, type Via, type Wire } from "./http-client.ts";
import { inWords } from "./describe-answer.ts";

/** What came of a request: what it says, and who answered. */
export interface Answer {
  readonly says: Says;
  /** Null: nobody, or nobody knows who. */
  readonly served: string | null;
  readonly status: number | null;
  /** Replicas that said of the job that there is none. */
  readonly deniedBy?: readonly string[];
}

export interface Viewed {
  readonly listed: Listed;
  /** What else of the state it shows, each as text. */
  readonly channels: Readonly<Record<string, string>>;
  readonly served: string | null;
  readonly status: number | null;
}

export interface SessionOptions {
  readonly talk: Talk;
  readonly wire: Wire;
  readonly user: string;
  /** Names this run, so that what it leaves in a service does not meet the next one. */
  readonly run: string;
  /** A thread id that is sent as it is, instead of a sound one. */
  readonly stray?: { readonly threadId: unknown };
  /** Told what a login has answered: nobody else should read it. */
  readonly hide: (secret: string) => void;
}

/** One user of a service, and one thread: what it has to be told with each request. */
export class Session {
  /** It has a thread id that must be refused. */
  readonly strays: boolean;
  readonly #talk: Talk;
  readonly #wire: Wire;
  readonly #user: string;
  readonly #run: string;
  readonly #hide: (secret: string) => void;
  readonly #captured: Record<string, unknown>;
  #isLoggedIn = false;
  #thread: unknown;
  #isThreadKnown: boolean;
  /** A first turn was answered. */
  #hasBegun = false;

  constructor({ talk, wire, user, run, stray, hide }: SessionOptions) {
    this.#talk = talk;
    this.#wire = wire;
    this.#user = user;
    this.#run = run;
    this.#hide = hide;
    const thread = talk.thread ?? { make: "${uuid}" };
    this.#captured = Object.fromEntries(
      [...talk.login, ...("capture" in thread ? [thread] : [])]
        .flatMap(({ capture }) => Object.keys(capture))
        .map((name) => [name, undefined]),
    );
    // Where the service makes the id with the first reply, to have none is how a thread begins.
    this.strays = stray !== undefined && !("from" in thread && !stray.threadId);
    this.#isThreadKnown = this.strays || "make" in thread;
    if (stray !== undefined) this.#thread = stray.threadId;
    else if ("make" in thread) this.#thread = threadId(thread.make, { user, run });
  }

  /** The service's id of the thread; undefined: there is none yet. */
  get thread(): unknown {
    return this.#isThreadKnown ? this.#thread : undefined;
  }

  /** The thread id that a request is sent with; undefined: none, the field is left out. */
  get sent(): unknown {
    return this.#thread;
  }

  /** What stands before the first turn: login, and a thread. Null: all is there. */
  async begin(via: Via): Promise<Answer | null> {
    const { login, thread } = this.#talk;
    for (const step of this.#isLoggedIn ? [] : login) {
      const exchange = await this.#send(step, via);
      const missing = this.#capture(exchange, "login", step.capture);
      if (missing !== null) return missing;
    }
    this.#isLoggedIn = true;
    if (this.#isThreadKnown || thread === undefined || !("id" in thread)) return null;
    const exchange = await this.#send(thread, via);
    return this.#capture(exchange, "thread", { ...thread.capture, thread: thread.id });
  }

  /** Says something. `turn` is a request id, the same in every attempt. */
  async say({ message, turn }: { message: string; turn: string }, via: Via): Promise<Answer> {
    const { say } = this.#talk;
    if (typeof say === "function") return this.#sayByCode(say, message, turn, via);
    const request = this.#hasBegun ? say : (say.first ?? say);
    const manners = { reply: say.reply, means: say.means, refusals: this.#talk.refusals };
    return this.#ask(request, manners, { message, turn }, via);
  }

  /** Answers an interrupt. */
  async resume(turn: string, via: Via): Promise<Answer> {
    const { resume, say, refusals } = this.#talk;
    if (resume === undefined)
      throw new Error('the target has no "resume": nothing can be answered');
    const usual = typeof say === "function" ? { reply: { kind: "text" } as const, means: [] } : say;
    const manners = { reply: resume.reply ?? usual.reply, means: usual.means, refusals };
    return this.#ask(resume, manners, { turn }, via);
  }

  /** One of the two views of the thread. */
  async view(view: "read" | "secondView", via: Via): Promise<Viewed> {
    const request = this.#talk[view];
    if (request === undefined) throw new Error(`the target has no "${view}"`);
    const exchange = await this.#send(request, via);
    const channels = "channels" in request ? request.channels : {};
    return {
      listed: listIn(exchange, request),
      channels: channelsIn(exchange, channels),
      ...this.#ended(exchange),
    };
  }

  async delete(via: Via): Promise<{ readonly status: number | null }> {
    const { delete: request } = this.#talk;
    if (request === undefined) throw new Error('the target has no "delete"');
    return this.#ended(await this.#send(request, via));
  }

  async #ask(
    request: Request,
    manners: Manners,
    given: { readonly turn: string; readonly message?: string },
    via: Via,
  ): Promise<Answer> {
    const deadline = performance.now() + via.timeoutMs;
    const { reply } = manners;
    const stream = readerFor(reply);
    const exchange = await this.#send(request, via, given, stream === null ? {} : { stream });
    const heard = this.#learn(exchange);
    const receipt = saysOf(exchange, manners);
    const answer = { says: receipt, ...this.#ended(exchange) };
    const isJob = typeof reply === "object" && "kind" in reply && reply.kind === "job";
    if (!isJob || heard === null || receipt.kind !== "accepted") return this.#noted(answer);
    const job = found(heard, reply.id);
    if (job === undefined) return { ...answer, says: nothingAt(reply.id, "job", heard) };
    const names = { ...this.#names(), ...given, job };
    const left = { ...via, timeoutMs: Math.max(1, deadline - performance.now()) };
    const end = await jobEnd(this.#wire, reply, { names, via: left, manners });
    if (end.heard !== null) this.#learn({ kind: "answered", heard: end.heard });
    return this.#noted({ ...answer, says: end.says, deniedBy: end.deniedBy });
  }

  async #sayByCode(say: Say, message: string, turn: string, via: Via): Promise<Answer> {
    const thread = this.thread ?? null;
    const {
      says,
      thread: made,
      served,
    } = await saidByCode(
      say,
      {
        url: this.#wire.url,
        headers: addressed(via),
        message,
        thread: thread === null ? null : textOf(thread),
        turn,
        user: this.#user,
      },
      via,
    );
    if (made !== undefined) this.#know(made);
    return this.#noted({ says, served: served ?? via.on, status: null });
  }

  #send(request: Request, via: Via, given: Names = {}, reading: { stream?: StreamReader } = {}) {
    const headers = { ...this.#talk.headers, ...request.headers };
    const names = { ...this.#names(), ...given };
    return this.#wire.send({ request: { ...request, headers }, names, ...via, ...reading });
  }

  #names(): Names {
    const thread = this.#thread;
    return { thread, user: this.#user, run: this.#run, ...this.#captured };
  }

  /** Keeps what an answer has to have; else says what it lacks. */
  #capture(exchange: Exchange, what: string, captures: Record<string, Source>): Answer | null {
    const manners = { reply: { kind: "state" } as const, means: [], refusals: this.#talk.refusals };
    const says = saysOf(exchange, manners);
    const answer = { says, ...this.#ended(exchange) };
    if (exchange.kind !== "answered" || says.kind !== "accepted") {
      return "why" in says
        ? { ...answer, says: { ...says, why: `no ${what}: ${says.why}` } }
        : answer;
    }
    for (const [name, source] of Object.entries(captures)) {
      const value = found(exchange.heard, source);
      if (what === "login") this.#hide(textOf(value));
      if (value === undefined) return { ...answer, says: nothingAt(source, name, exchange.heard) };
      if (name === "thread") this.#know(value);
      else this.#captured[name] = value;
    }
    return null;
  }

  /** A thread's id may come with whatever is answered first, also where the rest is cut off. */
  #learn(exchange: Exchange): Heard | null {
    const heard = exchange.kind === "unsent" ? null : exchange.heard;
    const { thread } = this.#talk;
    if (heard === null || this.#isThreadKnown || thread === undefined || !("from" in thread)) {
      return heard;
    }
    const id = found(heard, thread.from);
    if (id !== undefined) this.#know(id);
    return heard;
  }

  #know(thread: unknown): void {
    this.#thread = thread;
    this.#isThreadKnown = true;
  }

  #noted(answer: Answer): Answer {
    const { kind } = answer.says;
    this.#hasBegun ||= kind === "replied" || kind === "accepted" || kind === "interrupted";
    // Who is not known any more logs in again, as people do.
    if (answer.status === 401) this.#isLoggedIn = false;
    return answer;
  }

  #ended(exchange: Exchange): { served: string | null; status: number | null } {
    const heard = exchange.kind === "unsent" ? null : exchange.heard;
    if (heard === null) return { served: null, status: null };
    const { served: source } = this.#talk;
    const said = source === undefined ? undefined : found(heard, source);
    const served = typeof said === "string" ? said : heard.served;
    return { served, status: exchange.kind === "answered" ? heard.status : null };
  }
}

function nothingAt(source: Source, what: string, heard: Heard): Says {
  return { kind: "unknown", why: `no ${what} at ${placeInWords(source)}: ${inWords(heard)}` };
}
