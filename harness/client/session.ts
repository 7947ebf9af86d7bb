import type { ThreadView } from "../history/history.ts";
import type { Request } from "../config/request.ts";
import { placeInWords, type Source } from "../config/json-path.ts";
import type { Say, Talk } from "../config/dialect.ts";
import { found, interpret, type Meaning, type ReplyRules } from "./interpret.ts";
import type { Names } from "./filled-request.ts";
import { jobEnd } from "./job.ts";
import { channelsIn, type Listed, listIn } from "./message-list.ts";
import { textOf } from "./message-text.ts";
import { saidByCode } from "./say.ts";
import { readerFor } from "./stream.ts";
import type { StreamReader } from "./stream-reader.ts";
import { threadId } from "./thread-id.ts";
import { addressed, type HttpClient, type HttpResponse, type Via } from "./http-client.ts";
import { describeResponse } from "./describe-response.ts";

/** A service's answer to a request, and the replica that gave it. */
export interface Reply {
  readonly meaning: Meaning;
  /** Null: no replica answered, or it is unknown which one. */
  readonly served: string | null;
  readonly status: number | null;
  /** Replicas that answered that there is no such job. */
  readonly deniedBy?: readonly string[];
}

export interface Viewed {
  readonly listed: Listed;
  /** Further channels of the state, each as text. */
  readonly channels: Readonly<Record<string, string>>;
  readonly served: string | null;
  readonly status: number | null;
}

export interface SessionOptions {
  readonly talk: Talk;
  readonly client: HttpClient;
  readonly user: string;
  /** Unique per run, so that data of an earlier run in the service does not interfere. */
  readonly run: string;
  /** A thread id to send as it is, instead of a valid one. */
  readonly stray?: { readonly threadId: unknown };
  /** Receives every value that a login returned, so that no report shows it. */
  readonly hide: (secret: string) => void;
}

/** The state that requests of one user on one thread need. */
export class Session {
  /** Whether the service must refuse its thread id. */
  readonly strays: boolean;
  readonly #talk: Talk;
  readonly #client: HttpClient;
  readonly #user: string;
  readonly #run: string;
  readonly #hide: (secret: string) => void;
  readonly #captured: Record<string, unknown>;
  #isLoggedIn = false;
  #thread: unknown;
  #isThreadKnown: boolean;
  /** Whether the service has answered the first turn. */
  #hasBegun = false;

  constructor({ talk, client, user, run, stray, hide }: SessionOptions) {
    this.#talk = talk;
    this.#client = client;
    this.#user = user;
    this.#run = run;
    this.#hide = hide;
    const thread = talk.thread ?? { make: "${uuid}" };
    this.#captured = Object.fromEntries(
      [...talk.login, ...("capture" in thread ? [thread] : [])]
        .flatMap(({ capture }) => Object.keys(capture))
        .map((name) => [name, undefined]),
    );
    // If the first reply brings the id, a thread begins without one.
    this.strays = stray !== undefined && !("from" in thread && !stray.threadId);
    this.#isThreadKnown = this.strays || "make" in thread;
    if (stray !== undefined) this.#thread = stray.threadId;
    else if ("make" in thread) this.#thread = threadId(thread.make, { user, run });
  }

  /** The service's thread id; undefined: not known yet. */
  get thread(): unknown {
    return this.#isThreadKnown ? this.#thread : undefined;
  }

  /** The thread id in requests; undefined: the field is left out. */
  get sent(): unknown {
    return this.#thread;
  }

  /** Logs in and creates the thread, if necessary. Null: nothing is missing. */
  async begin(via: Via): Promise<Reply | null> {
    const { login, thread } = this.#talk;
    for (const step of this.#isLoggedIn ? [] : login) {
      const response = await this.#send(step, via);
      const missing = this.#capture(response, "login", step.capture);
      if (missing !== null) return missing;
    }
    this.#isLoggedIn = true;
    if (this.#isThreadKnown || thread === undefined || !("id" in thread)) return null;
    const response = await this.#send(thread, via);
    return this.#capture(response, "thread", { ...thread.capture, thread: thread.id });
  }

  /** Sends a message. `turn` is the request id, the same in every attempt. */
  async say({ message, turn }: { message: string; turn: string }, via: Via): Promise<Reply> {
    const { say } = this.#talk;
    if (typeof say === "function") return this.#sayByCode(say, message, turn, via);
    const request = this.#hasBegun ? say : (say.first ?? say);
    const rules = { reply: say.reply, means: say.means, refusals: this.#talk.refusals };
    return this.#ask(request, rules, { message, turn }, via);
  }

  /** Answers an interrupt. Throws if the configuration has no `resume`. */
  async resume(turn: string, via: Via): Promise<Reply> {
    const { resume, say, refusals } = this.#talk;
    if (resume === undefined)
      throw new Error('the target has no "resume", so an interrupt cannot be answered');
    const usual = typeof say === "function" ? { reply: { kind: "text" } as const, means: [] } : say;
    const rules = { reply: resume.reply ?? usual.reply, means: usual.means, refusals };
    return this.#ask(resume, rules, { turn }, via);
  }

  /** Reads one of the two views of the thread. Throws if the target does not declare it. */
  async view(view: ThreadView, via: Via): Promise<Viewed> {
    const request = this.#talk[view];
    if (request === undefined) throw new Error(`the target has no "${view}"`);
    const response = await this.#send(request, via);
    const channels = "channels" in request ? request.channels : {};
    return {
      listed: listIn(response, request),
      channels: channelsIn(response, channels),
      ...this.#senderOf(response),
    };
  }

  async delete(via: Via): Promise<{ readonly status: number | null }> {
    const { delete: request } = this.#talk;
    if (request === undefined) throw new Error('the target has no "delete"');
    return this.#senderOf(await this.#send(request, via));
  }

  async #ask(
    request: Request,
    rules: ReplyRules,
    given: { readonly turn: string; readonly message?: string },
    via: Via,
  ): Promise<Reply> {
    const deadline = performance.now() + via.timeoutMs;
    const { reply } = rules;
    const stream = readerFor(reply);
    const response = await this.#send(request, via, given, stream === null ? {} : { stream });
    this.#learnThread(response);
    const receipt = { meaning: interpret(response, rules), ...this.#senderOf(response) };
    const isJob = typeof reply === "object" && "kind" in reply && reply.kind === "job";
    if (!isJob || receipt.meaning.kind !== "accepted") return this.#noted(receipt);
    const job = found(response, reply.id);
    if (job === undefined) return { ...receipt, meaning: nothingAt(reply.id, "job", response) };
    const names = { ...this.#names(), ...given, job };
    const left = { ...via, timeoutMs: Math.max(1, deadline - performance.now()) };
    const end = await jobEnd(this.#client, reply, { names, via: left, rules });
    if (end.response !== null) this.#learnThread(end.response);
    return this.#noted({ ...receipt, meaning: end.meaning, deniedBy: end.deniedBy });
  }

  async #sayByCode(say: Say, message: string, turn: string, via: Via): Promise<Reply> {
    const thread = this.thread ?? null;
    const {
      meaning,
      thread: made,
      served,
    } = await saidByCode(
      say,
      {
        url: this.#client.url,
        headers: addressed(via),
        message,
        thread: thread === null ? null : textOf(thread),
        turn,
        user: this.#user,
      },
      via,
    );
    if (made !== undefined) this.#know(made);
    return this.#noted({ meaning, served: served ?? via.on, status: null });
  }

  #send(request: Request, via: Via, given: Names = {}, reading: { stream?: StreamReader } = {}) {
    const headers = { ...this.#talk.headers, ...request.headers };
    const names = { ...this.#names(), ...given };
    return this.#client.send({ request: { ...request, headers }, names, ...via, ...reading });
  }

  #names(): Names {
    const thread = this.#thread;
    return { thread, user: this.#user, run: this.#run, ...this.#captured };
  }

  /** Captures the declared values. If one is missing, returns a reply that names it. */
  #capture(response: HttpResponse, what: string, captures: Record<string, Source>): Reply | null {
    const rules = { reply: { kind: "state" } as const, means: [], refusals: this.#talk.refusals };
    const meaning = interpret(response, rules);
    const reply = { meaning, ...this.#senderOf(response) };
    if (meaning.kind !== "accepted") {
      return "why" in meaning
        ? { ...reply, meaning: { ...meaning, why: `no ${what}: ${meaning.why}` } }
        : reply;
    }
    for (const [name, source] of Object.entries(captures)) {
      const value = found(response, source);
      if (what === "login") this.#hide(textOf(value));
      if (value === undefined) {
        return { ...reply, meaning: nothingAt(source, name, response) };
      }
      if (name === "thread") this.#know(value);
      else this.#captured[name] = value;
    }
    return null;
  }

  /** Reads the id even from a response that is cut off: it may arrive with the first bytes. */
  #learnThread(response: HttpResponse): void {
    const { thread } = this.#talk;
    if (this.#isThreadKnown || thread === undefined || !("from" in thread)) return;
    if (response.status === null || response.delivery === "unsent") return;
    const id = found(response, thread.from);
    if (id !== undefined) this.#know(id);
  }

  #know(thread: unknown): void {
    this.#thread = thread;
    this.#isThreadKnown = true;
  }

  #noted(reply: Reply): Reply {
    const { kind } = reply.meaning;
    this.#hasBegun ||= kind === "ok" || kind === "accepted" || kind === "interrupted";
    // After a 401 the user logs in again, as real users do.
    if (reply.status === 401) this.#isLoggedIn = false;
    return reply;
  }

  #senderOf(response: HttpResponse): { served: string | null; status: number | null } {
    const { delivery, status } = response;
    if (status === null || delivery === "unsent") return { served: null, status: null };
    const { served: source } = this.#talk;
    const said = source === undefined ? undefined : found(response, source);
    const served = typeof said === "string" ? said : response.served;
    return { served, status: delivery === "complete" ? status : null };
  }
}

function nothingAt(source: Source, what: string, response: HttpResponse): Meaning {
  const why = `no ${what} at ${placeInWords(source)}: ${describeResponse(response)}`;
  return { kind: "unknown", why };
}
