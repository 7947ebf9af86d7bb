import type { IncomingHttpHeaders } from "node:http";
import { Agent, type Dispatcher } from "undici";
import type { Request } from "../config/request.ts";
import { headers } from "../wires/headers.ts";
import { filled, type Names } from "./filled-request.ts";
import { Deadline } from "./deadline.ts";
import type { StreamEvent, StreamReader } from "./stream-reader.ts";

/** The response to one request, or why it is missing. */
export interface HttpResponse {
  /**
   * `complete`: it was read to its end · `broken`: a timeout, a reset, a cut stream or a dead
   * replica, so the request may have had an effect · `unsent`: no byte reached a replica.
   */
  readonly delivery: "complete" | "broken" | "unsent";
  /** Why it is broken or unsent; empty if it is complete. */
  readonly why: string;
  /** Null: no status line arrived. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  /** As much of it as arrived. */
  readonly body: string;
  /** Empty unless it was read as a stream. */
  readonly events: readonly StreamEvent[];
  /** The replica that served it, as the ingress reports. */
  readonly served: string | null;
}

/** Which replica a request goes to, and how long its sender waits. */
export interface Via {
  /** The replica that must serve it; null: the ingress chooses. */
  readonly on: string | null;
  readonly timeoutMs: number;
  /** Aborts when the client hangs up; null: it never does. */
  readonly hangUp: AbortSignal | null;
}

export interface Ask extends Via {
  readonly request: Request;
  readonly names: Names;
  /** Reads the body of a successful response while it arrives. Without it: reads it as a whole. */
  readonly stream?: StreamReader;
}

/** The harness reads at most this much of a body, in bytes: ten times a long conversation. */
const maxBytes = 10_000_000;

/** A client of the ingress: fills a request template, sends it, and returns the response. */
export class HttpClient implements AsyncDisposable {
  readonly #ingress: () => URL;
  // One connection per request. HAProxy may close a reused connection while a request is on its
  // way, and the harness would have caused that loss.
  readonly #agent = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 });

  constructor(ingress: () => URL) {
    this.#ingress = ingress;
  }

  /** The service's address. Its path is the prefix of each request's path. */
  get url(): URL {
    return this.#ingress();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  /** Throws only if the template names an unknown variable: that is a configuration error. */
  async send({ request, names, stream, ...via }: Ask): Promise<HttpResponse> {
    const { method, path, headers: given, body } = filled(request, names);
    const { origin, pathname } = this.#ingress();
    using deadline = new Deadline(via.timeoutMs, via.hangUp);
    const incoming = new Incoming();
    try {
      const answer = await this.#agent.request({
        origin,
        path: `${pathname.replace(/\/$/, "")}${path}`,
        method,
        headers: { ...given, ...addressed(via) },
        body,
        signal: deadline.signal,
      });
      await incoming.read(answer, stream ?? null, deadline);
    } catch (cause) {
      const why = messageOf(deadline.signal.aborted ? deadline.signal.reason : cause);
      // A stream that breaks off after its last event is complete.
      if (!incoming.isOver) return incoming.response("broken", why);
    }
    const { headers: received, status, body: text } = incoming.response("complete");
    if (received[headers.unsent] !== undefined) return incoming.response("unsent", text);
    // The ingress answers 502 if the replica dropped the connection.
    if (status === 502) return incoming.response("broken", text);
    return incoming.response("complete");
  }
}

/** A response while it arrives. */
class Incoming {
  #answer: Dispatcher.ResponseData | null = null;
  #stream: StreamReader | null = null;
  #body = "";

  /** Whether the last event of its stream has arrived. */
  get isOver(): boolean {
    return this.#stream?.over ?? false;
  }

  /** Resolves when the body has ended. Throws if it breaks off or is too long. */
  async read(
    answer: Dispatcher.ResponseData,
    stream: StreamReader | null,
    deadline: Deadline,
  ): Promise<void> {
    this.#answer = answer;
    this.#stream = answer.statusCode < 300 ? stream : null;
    const decoder = new TextDecoder();
    let bytes = 0;
    deadline.begin(this.#stream);
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new Error(`the response is longer than ${maxBytes / 1e6} MB; the rest was not read`);
      }
      const text = decoder.decode(chunk, { stream: true });
      this.#body += text;
      if (this.#stream?.push(text) === true) deadline.progress(this.#stream);
    }
    this.#stream?.end();
  }

  response(delivery: HttpResponse["delivery"], why = ""): HttpResponse {
    const received = this.#answer?.headers ?? {};
    return {
      ...{ delivery, why, headers: received, body: this.#body },
      status: this.#answer?.statusCode ?? null,
      events: this.#stream?.events ?? [],
      served: single(received[headers.served]),
    };
  }
}

/** The header by which the ingress selects the replica that serves a request. */
export function addressed({ on }: Pick<Via, "on">): Record<string, string> {
  return on === null ? {} : { [headers.on]: on };
}

function single(value: string | string[] | undefined): string | null {
  return [value ?? []].flat()[0] ?? null;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
