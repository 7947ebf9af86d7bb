/**
 * A service for the tests of deployed targets. It has a login with a token and a cookie, creates
 * threads, waits for approvals of turns, has two views of a thread, and deletes threads.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSafeServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { laterPort } from "../../harness/machine/port.ts";
import type { UrlInput } from "../../harness/config/configuration.ts";

interface Message {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** The storage of its threads. */
export interface Store {
  load(thread: string): Promise<readonly Message[]>;
  save(thread: string, messages: readonly Message[]): Promise<void>;
  drop(thread: string): Promise<void>;
}

interface WholeOptions {
  readonly store?: Store;
  /** Absent: plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

const replicas = ["blue", "green"] as const;

export class WholeService implements AsyncDisposable {
  /** The received requests in order, as "POST login" or "GET threads :id". */
  readonly asked: string[] = [];
  readonly #servers = new Map<string, Server>();
  readonly #threads = new Set<string>();
  readonly #waiting = new Map<string, string>();
  readonly #store: Store;
  readonly #scheme: string;
  readonly #modelPort: number;

  private constructor({ store = inMemory(), tls }: WholeOptions, modelPort: number) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      this.#serve(request, response).catch(() => response.destroy());
    };
    for (const name of replicas) {
      const server = tls === undefined ? createServer(listener) : createSafeServer(tls, listener);
      this.#servers.set(name, server);
    }
    this.#store = store;
    this.#scheme = tls === undefined ? "http" : "https";
    this.#modelPort = modelPort;
  }

  static async open(options: WholeOptions = {}): Promise<WholeService> {
    const service = new WholeService(options, await laterPort());
    for (const server of service.#servers.values()) {
      await once(server.listen(0, "127.0.0.1"), "listening");
    }
    return service;
  }

  /** Its target, with these fields replaced. */
  target(given: Partial<UrlInput> = {}): UrlInput {
    const portOf = (server: Server): number => (server.address() as AddressInfo).port;
    const addresses = [...this.#servers].map(([name, server]) => [
      name,
      `${this.#scheme}://127.0.0.1:${portOf(server)}/api`,
    ]);
    return {
      kind: "url",
      address: Object.fromEntries(addresses) as Record<string, string>,
      ready: { get: "/health", withinMs: 2_000 },
      headers: { authorization: "Bearer ${token}", cookie: "theme=dark; session=${session}" },
      login: [
        {
          post: "/login",
          form: { user: "${user}" },
          capture: { token: "$.token", session: { cookie: "session" } },
        },
      ],
      thread: { post: "/threads", id: { header: "x-thread-id" } },
      say: {
        post: "/threads/${thread}/messages",
        json: { text: "${message}" },
        reply: "$.reply",
        means: [{ path: "$.waits", means: "interrupted" }],
      },
      resume: { post: "/threads/${thread}/approval" },
      read: { get: "/threads/${thread}", list: "$.messages[*].content" },
      secondView: { get: "/threads/${thread}/log", list: "$[*]", newestFirst: true },
      delete: { delete: "/threads/${thread}" },
      wires: { model: this.#modelPort },
      ...given,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.values()) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const body = await text(request);
    const [, , room = "", thread = "", part = ""] = url.split("/");
    const asked = [method, room, thread && ":id", part].filter(Boolean).join(" ");
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (asked !== "GET health") this.asked.push(asked);
    if (asked === "GET health") return answer(200, "fine");
    if (asked === "POST login") {
      const user = new URLSearchParams(body).get("user");
      response.setHeader("set-cookie", [`session=cookie-of-${user}; HttpOnly`]);
      return answer(200, { token: `token-of-${user}` });
    }
    const user = /^Bearer token-of-(.+)$/.exec(headers.authorization ?? "")?.[1];
    if (user === undefined) return answer(401, { error: "no token" });
    if (headers.cookie?.endsWith(`; session=cookie-of-${user}`) !== true) {
      return answer(401, { error: "no session" });
    }
    if (asked === "POST threads") {
      const id = randomUUID();
      this.#threads.add(id);
      response.setHeader("x-thread-id", id);
      return answer(201, {});
    }
    if (!this.#threads.has(thread)) return answer(404, { error: "no such thread" });
    switch (asked) {
      case "POST threads :id messages":
        this.#waiting.set(thread, (JSON.parse(body) as { text: string }).text);
        return answer(200, { waits: "may I?" });
      case "POST threads :id approval":
        return answer(200, { reply: await this.#reply(thread) });
      case "GET threads :id":
        return answer(200, { messages: await this.#store.load(thread) });
      case "GET threads :id log": {
        const messages = await this.#store.load(thread);
        return answer(200, messages.map(({ content }) => content).toReversed());
      }
      case "DELETE threads :id":
        await this.#store.drop(thread);
        this.#threads.delete(thread);
        return answer(200, {});
      default:
        return answer(405, { error: "no such request" });
    }
  }

  async #reply(thread: string): Promise<string> {
    const message: Message = { role: "user", content: this.#waiting.get(thread) ?? "" };
    const messages = [...(await this.#store.load(thread)), message];
    const answer = await fetch(`http://127.0.0.1:${this.#modelPort}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "any", messages }),
    });
    const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] };
    const content = choices[0]?.message.content ?? "";
    await this.#store.save(thread, [message, { role: "assistant", content }]);
    return content;
  }
}

function inMemory(): Store {
  const threads = new Map<string, readonly Message[]>();
  const load = async (thread: string) => threads.get(thread) ?? [];
  return {
    load,
    save: async (thread, messages) => {
      threads.set(thread, [...(await load(thread)), ...messages]);
    },
    drop: async (thread) => void threads.delete(thread),
  };
}
