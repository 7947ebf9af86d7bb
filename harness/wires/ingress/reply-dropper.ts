import {
  createServer,
  type IncomingMessage,
  request as ask,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type Token, tokensIn } from "../../history/token.ts";
import { headers } from "../headers.ts";

/** Drops the reply to one turn, until it is disposed. */
export interface Loss extends Disposable {
  /** A description of the dropped reply; null: none yet. */
  lost(): string | null;
}

interface Awaited {
  readonly token: Token;
  lost: string | null;
}

/**
 * A proxy in front of an ingress, ours or HAProxy. It passes everything on unchanged, except the
 * first successful reply to a turn whose reply is to be lost: it reads that reply to its end, so
 * that the service has sent it, and then resets the client's connection.
 */
export class ReplyDropper implements AsyncDisposable {
  readonly #ingress: () => URL;
  readonly #awaited = new Set<Awaited>();
  readonly #server: Server;

  private constructor(ingress: () => URL) {
    this.#ingress = ingress;
    this.#server = createServer((request, response) => {
      void this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async open(ingress: () => URL): Promise<ReplyDropper> {
    const front = new ReplyDropper(ingress);
    await new Promise<void>((resolve, reject) => {
      front.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return front;
  }

  /** Includes the path of the ingress. */
  get url(): URL {
    const { port } = this.#server.address() as AddressInfo;
    return new URL(this.#ingress().pathname, `http://127.0.0.1:${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Identifies the turn by its token, anywhere in the request. */
  lose(token: Token): Loss {
    const awaited: Awaited = { token, lost: null };
    this.#awaited.add(awaited);
    return {
      lost: () => awaited.lost,
      [Symbol.dispose]: () => void this.#awaited.delete(awaited),
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const answer = await this.#forward(request, response, body);
    const status = answer.statusCode ?? 0;
    const tokens = tokensIn(`${request.url} ${body.toString()}`, "q");
    // A refusal is not an acknowledgement, so it passes.
    const awaited = [...this.#awaited].find(
      (it) => status < 300 && it.lost === null && tokens.includes(it.token),
    );
    if (awaited === undefined) {
      response.writeHead(status, answer.statusMessage, answer.rawHeaders);
      return pipeline(answer, response);
    }
    const { length } = await buffer(answer);
    const by = answer.headers[headers.served] ?? "an unknown replica";
    awaited.lost = `${length} bytes with status ${status}, answered by ${String(by)}, were lost`;
    request.socket.resetAndDestroy();
  }

  #forward(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { "transfer-encoding": _, ...given } = request.headers;
    // One connection per request, as in the ingress: a kept one might be closed on us.
    const forwarded = ask(new URL(request.url ?? "/", this.#ingress()), {
      method: request.method ?? "GET",
      headers: { ...given, "content-length": body.length },
      agent: false,
    });
    forwarded.once("response", resolve).once("error", reject).end(body);
    // If the client hangs up, the connection to the ingress closes too.
    response.once("close", () => forwarded.destroy());
    return promise;
  }
}
