import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Dialogue, type Ended, type Statement } from "./protocol-state.ts";
import { type Frame, Framer } from "./frames.ts";

/**
 * What happens instead of a statement: the server raises a SQLSTATE; or the connection ends,
 * because the client died and the network has not noticed yet.
 */
type Instead = { readonly sqlstate: string } | "drop";

/** Called for every statement; the statement waits until the callback has resolved. */
export interface Watch {
  /** Before it reaches the server; the result decides whether it does. */
  before(statement: Statement, connection: number): Promise<Instead | void> | void;
  /** After the server executed it (and committed, if that is implicit), before the client knows. */
  after(ended: Ended, connection: number): Promise<unknown> | void;
  /** The connection ended, even with statements in flight. */
  gone(connection: number): void;
}

export interface TapOptions {
  /** The server's address. */
  readonly to: { readonly host: string; readonly port: number };
  readonly watch: Watch;
}

const refusal = Buffer.from("N");

/**
 * A TCP proxy in front of a Postgres server that understands the protocol: it cuts both directions
 * into messages, passes them on unchanged, and stops at statements. It refuses a request to
 * encrypt; the client then continues without, or gives up. When one side ends, the other is closed
 * at once, so that the locks of a killed client do not linger.
 */
export class Tap implements AsyncDisposable {
  readonly #options: TapOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(options: TapOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (client) => this.#welcome(client));
  }

  static async open(options: TapOptions): Promise<Tap> {
    const tap = new Tap(options);
    tap.#server.listen(0, "127.0.0.1");
    await once(tap.#server, "listening");
    return tap;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #welcome(client: Socket): void {
    const server = connect({ ...this.#options.to, noDelay: true });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {}).once("close", () => this.#sockets.delete(socket));
    }
    // At once, but with its last bytes: a cancellation consists of nothing else.
    client.once("close", () => server.destroySoon());
    const number = (this.#connections += 1);
    server.once("close", () => this.#options.watch.gone(number));
    const tapped = new Tapped(client, server, this.#options, number);
    // The server's last bytes are still passed on. Bytes of another protocol end it too.
    const over = () => client.destroySoon();
    tapped.run().then(over, over);
  }
}

/** One connection. */
class Tapped {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #options: TapOptions;
  readonly #number: number;
  readonly #dialogue = new Dialogue();
  /** Between the end of a statement and the moment its commit is known. */
  #kept: Buffer[] = [];

  constructor(client: Socket, server: Socket, options: TapOptions, number: number) {
    this.#client = client;
    this.#server = server;
    this.#options = options;
    this.#number = number;
  }

  async run(): Promise<void> {
    const opened = await this.#opening();
    if (opened === null) return;
    // When the client ends, the server's connection ends, which is handled there.
    await Promise.race([this.#answer(), this.#ask(opened).then(() => ended(this.#server))]);
  }

  /** Until the client has identified itself; null: the rest is passed on unread. */
  async #opening(): Promise<{ framer: Framer; rest: AsyncIterator<Buffer> } | null> {
    const framer = new Framer("client");
    const rest = chunksOf(this.#client);
    for (;;) {
      const it = await rest.next();
      if (it.done === true) return null;
      for (const { type, bytes } of framer.cut(it.value)) {
        if (type === "gss" || type === "ssl") {
          await write(this.#client, refusal);
          continue;
        }
        await write(this.#server, bytes);
        // The only answer to a cancellation is the end of the connection.
        if (type === "cancel") return this.#pipe(rest, framer.rest);
        if (type === "startup") return { framer, rest };
      }
    }
  }

  async #pipe(rest: AsyncIterator<Buffer>, first: Buffer): Promise<null> {
    this.#server.pipe(this.#client);
    if (first.length > 0) await write(this.#server, first);
    for (let it = await rest.next(); it.done !== true; it = await rest.next()) {
      await write(this.#server, it.value);
    }
    this.#server.end();
    return null;
  }

  async #ask({ framer, rest }: { framer: Framer; rest: AsyncIterator<Buffer> }): Promise<void> {
    // First the bytes that arrived together with the opening, to keep the order.
    for (let chunk: Buffer | null = Buffer.alloc(0); chunk !== null; chunk = await nextOf(rest)) {
      let free: Buffer[] = [];
      for (const frame of framer.cut(chunk)) {
        let { bytes } = frame;
        for (const statement of this.#dialogue.fromClient(frame)) {
          const held = this.#options.watch.before(statement, this.#number);
          if (!held) continue;
          // Messages before a statement are sent before the callback.
          await write(this.#server, ...free);
          free = [];
          const instead = await held;
          if (instead === "drop") return this.#drop();
          if (instead) bytes = this.#raise(frame, instead.sqlstate);
        }
        free.push(bytes);
      }
      await write(this.#server, ...free);
    }
  }

  #drop(): void {
    this.#server.destroy();
    this.#client.destroy();
  }

  async #answer(): Promise<void> {
    const framer = new Framer("server");
    const chunks = chunksOf(this.#server);
    for (let it = await chunks.next(); it.done !== true; it = await chunks.next()) {
      const free: Buffer[] = [];
      for (const frame of framer.cut(it.value)) {
        const { over, isOurs } = this.#dialogue.fromServer(frame);
        if (isOurs) continue;
        // A client that asks for an answer (Flush) before its Sync waits for it: do not keep it.
        const concludes = this.#dialogue.isClosed && Dialogue.concludes(frame);
        const isKept = concludes || over !== null || this.#kept.length > 0;
        (isKept ? this.#kept : free).push(frame.bytes);
        if (over === null) continue;
        for (const ended of over) {
          const held = this.#options.watch.after(ended, this.#number);
          if (!held) continue;
          await write(this.#client, ...free.splice(0));
          await held;
        }
        free.push(...this.#kept.splice(0));
      }
      await write(this.#client, ...free);
    }
    // A server that shuts down reports it, and completes no further statement.
    await write(this.#client, ...this.#kept);
  }

  /** A statement that raises a SQLSTATE, in the same protocol as the one that it replaces. */
  #raise({ type }: Frame, sqlstate: string): Buffer {
    const sql = `DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '${sqlstate}'; END $$`;
    if (type !== "E") return message("Q", `${sql}\0`);
    this.#dialogue.interjects(3);
    return Buffer.concat([
      message("C", "Sthreadproof\0"),
      message("P", `threadproof\0${sql}\0\0\0`),
      message("B", `threadproof\0threadproof\0\0\0\0\0\0\0`),
      message("E", "threadproof\0\0\0\0\0"),
    ]);
  }
}

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(`${type}\0\0\0\0${body}`);
  bytes.writeUInt32BE(bytes.length - 1, 1);
  return bytes;
}

function chunksOf(socket: Socket): AsyncIterator<Buffer> {
  return socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
}

async function nextOf(chunks: AsyncIterator<Buffer>): Promise<Buffer | null> {
  const it = await chunks.next();
  return it.done === true ? null : it.value;
}

async function ended(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, "close");
}

async function write(socket: Socket, ...all: readonly Buffer[]): Promise<void> {
  if (all.length === 0 || !socket.writable) return;
  const [first = Buffer.alloc(0)] = all;
  const free = socket.write(all.length === 1 ? first : Buffer.concat(all));
  if (!free) await Promise.race([once(socket, "drain"), once(socket, "close")]);
}
