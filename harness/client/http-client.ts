import type { IncomingHttpHeaders } from "node:http";
import { Agent, type Dispatcher } from "undici";
import type { Request } from "../config/request.ts";
import { headers } from "../wires/headers.ts";
import { filled, type Names } from "./filled-request.ts";
import { Patience } from "./deadline.ts";
import type { StreamEvent, StreamReader } from "./stream-reader.ts";

/** An answer, as much of it as has come. */
export interface Heard {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Empty where it was not read as a stream. */
  readonly events: readonly StreamEvent[];
  /** Who served it, as the ingress saw. */
  readonly served: string | null;
}

/** What came back of one request, or that nothing did. */
export type Exchange =
  | { readonly kind: "answered"; readonly heard: Heard }
  /** Certain: no byte reached a replica. */
  | { readonly kind: "unsent"; readonly why: string }
  /** A time-out, a reset, a cut stream, a replica that died: it may have happened. */
  | { readonly kind: "broken"; readonly why: string; readonly heard: Heard | null };

/** Who asks whom, and until when. */
export interface Via {
  /** The replica that must serve it; null: the ingress chooses. */
  readonly on: string | null;
  /** Who asks, for sticky routing. */
  readonly client: string;
  readonly timeoutMs: number;
  /** Aborts once the client hangs up; null: it does not. */
  readonly hangUp: AbortSignal | null;
}

export interface Ask extends Via {
  readonly request: Request;
  readonly names: Names;
  /** How the body of a good answer is read while it comes; without it as a whole. */
  readonly stream?: StreamReader;
}

/**
 * So much of a body is read, in bytes. A conversation of hundreds of turns with its whole state has
 * a tenth of it.
 */
const mostBytes = 10_000_000;

/** The client's side of the ingress: fills a template, sends it, believes nothing. */
export class Wire implements AsyncDisposable {
  readonly #ingress: () => URL;
  // One connection per request: one that is kept may be closed while a request is on its way
  // (HAProxy does after a replica has died), and that would be the harness's own doing.
  readonly #agent = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 });

  constructor(ingress: () => URL) {
    this.#ingress = ingress;
  }

  /** Where the service is. A path of it stands before that of each request. */
  get url(): URL {
    return this.#ingress();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async send({ request, names, stream, ...via }: Ask): Promise<Exchange> {
    // Filled before anything is caught: a name that is not known is our failure, not an outcome.
    const { method, path, headers: given, body } = filled(request, names);
    const { origin, pathname } = this.#ingress();
    using patience = new Patience(via.timeoutMs, via.hangUp);
    let hearing: Hearing | null = null;
    try {
      const answer = await this.#agent.request({
        origin,
        path: `${pathname.replace(/\/$/, "")}${path}`,
        method,
        headers: { ...given, ...addressed(via) },
        body,
        signal: patience.signal,
      });
      hearing = new Hearing(answer, answer.statusCode < 300 ? (stream ?? null) : null);
      await hearing.listen(answer.body, patience);
    } catch (cause) {
      const why = messageOf(patience.signal.aborted ? patience.signal.reason : cause);
      // However a stream breaks off after its end: what it had to say was said.
      if (hearing?.over !== true) return { kind: "broken", why, heard: hearing };
    }
    if (hearing.headers[headers.unsent] !== undefined) return { kind: "unsent", why: hearing.body };
    // The ingress itself says 502 where the replica broke off.
    if (hearing.status === 502) return { kind: "broken", why: hearing.body, heard: hearing };
    return { kind: "answered", heard: hearing };
  }
}

/** An answer while it comes. */
class Hearing implements Heard {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly served: string | null;
  body = "";
  readonly #stream: StreamReader | null;

  constructor(answer: Dispatcher.ResponseData, stream: StreamReader | null) {
    this.status = answer.statusCode;
    this.headers = answer.headers;
    this.served = single(answer.headers[headers.served]);
    this.#stream = stream;
  }

  get events(): readonly StreamEvent[] {
    return this.#stream?.events ?? [];
  }

  get over(): boolean {
    return this.#stream?.over ?? false;
  }

  /** Resolves once the body has ended. Throws where it breaks off, or is longer than it may be. */
  async listen(body: AsyncIterable<Buffer>, patience: Patience): Promise<void> {
    const decoder = new TextDecoder();
    let bytes = 0;
    patience.begin(this.#stream);
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > mostBytes) {
        throw new Error(`the answer is longer than ${mostBytes / 1e6} MB: it was not read on`);
      }
      const text = decoder.decode(chunk, { stream: true });
      this.body += text;
      if (this.#stream?.push(text) === true) patience.news(this.#stream);
    }
    this.#stream?.end();
  }
}

/** The headers that tell the ingress where a request has to go, and from whom it comes. */
export function addressed({ on, client }: Pick<Via, "on" | "client">): Record<string, string> {
  return { ...(on === null ? {} : { [headers.on]: on }), [headers.client]: client };
}

function single(value: string | string[] | undefined): string | null {
  return [value ?? []].flat()[0] ?? null;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
