import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What can be wrong with a wire. */
export type Impairment =
  /** Every chunk of bytes arrives so much later, in both directions. */
  | { readonly kind: "latency"; readonly ms: number }
  /** In both directions, each connection by itself. */
  | { readonly kind: "bandwidth"; readonly bytesPerSecond: number }
  /** Nothing passes, and nobody is told; once healed it goes on with the same bytes. */
  | { readonly kind: "stall" }
  /** Open connections are reset (RST); new ones too, once they say something. */
  | { readonly kind: "reset" }
  /** Open connections are closed, new ones are refused or closed at once. */
  | { readonly kind: "cut" };

/**
 * The database wire of one replica: a link on which its connections pass. When one side ends the
 * other is closed at once, so that the locks of a killed replica do not linger.
 */
export interface DatabaseWire extends AsyncDisposable {
  /** The same database, through this wire. */
  through(url: string): string;
  /** Impairs it, the connections that are open included; healed by disposing of what comes back. */
  impair(impairment: Impairment): Promise<AsyncDisposable>;
}

export async function openDatabaseWire(upstream: URL): Promise<DatabaseWire> {
  const open = new Set<Socket>();
  const host = upstream.hostname.replace(/^\[|\]$/g, "");
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect({ host, port: Number(upstream.port || 5432), noDelay: true });
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(target);
    target.pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    through: (url) => {
      const local = new URL(url);
      local.hostname = "127.0.0.1";
      local.port = String(port);
      return local.href;
    },
    impair: ({ kind }) => Promise.reject(new Error(`${kind} is not there yet`)),
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
