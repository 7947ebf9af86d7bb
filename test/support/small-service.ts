/** A small service and a client session, for the tests of the client. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  commandOf,
  parseConfiguration,
  type CommandInput,
} from "../../harness/config/configuration.ts";
import { Session } from "../../harness/client/session.ts";
import { HttpClient, type Via } from "../../harness/client/http-client.ts";

/** A request that the service received. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Whole = string | readonly [number, string, Readonly<Record<string, string | string[]>>?];

/** Returns a text for status 200, or a status with a body, or nothing if it writes the response. */
export type Answering = (request: Seen, response: ServerResponse) => Whole | void | Promise<void>;

type Talking = Partial<Omit<CommandInput, "start" | "ready">>;

/** The service with its client. `path` is the path of its base URL. */
export class SmallService implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #client: HttpClient;
  readonly #server;

  private constructor(answering: Answering, path: string) {
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { method = "", url = "", headers } = request;
      const seen = { method, url, headers, body: await text(request) };
      this.seen.push(seen);
      const answer = await answering(seen, response);
      if (answer === undefined) return;
      const [status, body, more] = typeof answer === "string" ? [200, answer] : answer;
      response.writeHead(status, more).end(body);
    };
    this.#server = createServer((request, response) => void serve(request, response));
    this.#client = new HttpClient(() => {
      const { port } = this.#server.address() as AddressInfo;
      return new URL(`http://127.0.0.1:${port}${path}`);
    });
  }

  static async open(answering: Answering, path = ""): Promise<SmallService> {
    const service = new SmallService(answering, path);
    service.#server.listen(0, "127.0.0.1");
    await once(service.#server, "listening");
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A session of a user, with this configuration. */
  user(talking: Talking, stray?: { threadId: unknown }): SmallUser {
    const given = {
      kind: "command",
      start: "unused",
      ready: { get: "/ready" },
      say: { post: "/say", json: { message: "${message}" }, reply: "$.reply" },
      ...talking,
    };
    const { mine } = parseConfiguration({ targets: { mine: given } }, "test").targets;
    if (mine === undefined) throw new Error("the target is gone");
    const talk = commandOf(mine);
    const session = new Session({
      talk,
      client: this.#client,
      user: "ann",
      run: "r1",
      hide: () => {},
      ...(stray === undefined ? {} : { stray }),
    });
    return new SmallUser(session, talk.turnTimeoutMs);
  }
}

export class SmallUser {
  readonly session: Session;
  readonly hangUp = new AbortController();
  readonly #via: Via;

  constructor(session: Session, timeoutMs: number) {
    this.session = session;
    this.#via = { on: null, timeoutMs, hangUp: this.hangUp.signal };
  }

  /** The client's interpretation of the response to a message. */
  async say(message = "hello", turn = "turn-1") {
    const { meaning } = await this.answer(message, turn);
    return meaning;
  }

  async answer(message = "hello", turn = "turn-1") {
    const before = await this.session.begin(this.#via);
    return before ?? this.session.say({ message, turn }, this.#via);
  }

  /** The channels of the state that a read shows. */
  async channels() {
    const { channels } = await this.session.view("read", this.#via);
    return channels;
  }

  async read(view: "read" | "secondView" = "read") {
    const { listed } = await this.session.view(view, this.#via);
    return listed;
  }

  async resume() {
    const { meaning } = await this.session.resume("turn-1", this.#via);
    return meaning;
  }
}
