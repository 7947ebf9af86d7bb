import { headers } from "../headers.ts";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Agent, type Dispatcher } from "undici";
import { type Token, tokensIn } from "../../history/token.ts";

/** A replica, as the ingress sees it. */
export interface Upstream {
  readonly name: string;
  readonly url: URL;
  readonly ready: boolean;
  /** Sent with every request to it, so that a load balancer in front of it accepts it. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The reverse proxy in front of the replicas: round robin over those that are ready. A request can
 * pin a replica with the header `x-threadproof-on`.
 */
export class Ingress implements AsyncDisposable {
  readonly #upstreams: () => readonly Upstream[];
  readonly #server: Server;
  // One connection per request. A draining replica may close a kept one while a request is on its
  // way, and that loss would be the harness's own doing.
  readonly #agent = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 });
  readonly #receivers = new Map<Token, string>();
  #turn = 0;

  private constructor(upstreams: () => readonly Upstream[]) {
    this.#upstreams = upstreams;
    this.#server = createServer((request, response) => {
      void this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async open(upstreams: () => readonly Upstream[]): Promise<Ingress> {
    const ingress = new Ingress(upstreams);
    await new Promise<void>((resolve, reject) => {
      ingress.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return ingress;
  }

  get url(): URL {
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`http://127.0.0.1:${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#agent.destroy();
  }

  /** The replica that last received a turn, known by the token in the request; null: none. */
  receiverOf(token: Token): string | null {
    return this.#receivers.get(token) ?? null;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pinned = single(request.headers[headers.on]);
    const body = await buffer(request);
    // A client that hangs up hangs up on the replica too, as with nginx and HAProxy's abortonclose.
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const tokens = tokensIn(`${request.url} ${body.toString()}`, "q");
    for (const upstream of this.#candidates(pinned)) {
      for (const token of tokens) this.#receivers.set(token, upstream.name);
      let answer: Dispatcher.ResponseData;
      try {
        answer = await this.#forward(upstream, request, body, gone.signal);
      } catch (cause) {
        if (gone.signal.aborted) return;
        // The connection was refused: no byte was sent, so the next replica may serve it.
        if (isRefused(cause)) continue;
        return refuse(response, 502, { [headers.served]: upstream.name }, messageOf(cause));
      }
      response.writeHead(answer.statusCode, {
        ...withoutHop(answer.headers),
        [headers.served]: upstream.name,
      });
      // If the stream breaks off here, it breaks off for the client too.
      return pipeline(answer.body, response);
    }
    const whom = pinned === null ? "no replica is ready" : `replica ${pinned} is not reachable`;
    refuse(response, 503, { [headers.unsent]: "true" }, whom);
  }

  #forward(upstream: Upstream, request: IncomingMessage, body: Buffer, signal: AbortSignal) {
    const { url, headers: own } = upstream;
    const path = `${url.pathname.replace(/\/$/, "")}${request.url ?? "/"}`;
    return this.#agent.request({
      origin: url.origin,
      path,
      method: request.method ?? "GET",
      headers: { ...own, ...withoutHop(request.headers) },
      body: body.length > 0 ? body : null,
      signal,
    });
  }

  /** The replicas to try, in order. A pin is obeyed even if the replica is not ready. */
  #candidates(pinned: string | null): readonly Upstream[] {
    const all = this.#upstreams();
    if (pinned !== null) return all.filter((upstream) => upstream.name === pinned);
    const ready = all.filter((upstream) => upstream.ready);
    if (ready.length === 0) return [];
    const first = this.#turn++ % ready.length;
    return [...ready.slice(first), ...ready.slice(0, first)];
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  extra: Readonly<Record<string, string>>,
  error: string,
): void {
  response.writeHead(status, { "content-type": "application/json", ...extra });
  response.end(JSON.stringify({ error }));
}

const hop = new Set(["connection", "keep-alive", "transfer-encoding", "host", "content-length"]);

/** Without the headers of one connection, and without ours. */
function withoutHop(given: Readonly<Record<string, string | string[] | undefined>>) {
  const kept = Object.entries(given).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined && !hop.has(entry[0]) && !entry[0].startsWith("x-threadproof-"),
  );
  return Object.fromEntries(kept);
}

function single(value: string | string[] | undefined): string | null {
  return [value ?? []].flat()[0] ?? null;
}

/** Whether there was no connection: the port is closed, or the host name is unknown. */
const refusals = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function isRefused(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && refusals.has(String(cause.code));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
