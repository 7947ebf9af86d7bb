import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/**
 * The database wire of one replica: a plain TCP link. When one side ends the other is closed at
 * once, so that the locks of a killed replica do not linger.
 */
export interface DatabaseWire extends AsyncDisposable {
  /** The same database, through this wire. */
  through(url: string): string;
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
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
