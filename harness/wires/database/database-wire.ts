import type { Impairment } from "./impairment.ts";
import { Link } from "./link.ts";
import { Tap, type Watch } from "./statement-proxy.ts";

/**
 * The database wire of one replica: the link that its connections pass. When one side ends, the
 * other is closed at once, so that the locks of a killed replica do not linger.
 */
export interface DatabaseWire extends AsyncDisposable {
  /** The number of connections so far; null: this kind of wire does not count. */
  readonly connections: number | null;
  /** The number of connections that were refused, or closed at once. */
  readonly refused: number;
  /** The address of the same database through this wire. */
  through(url: string): string;
  /** Impairs the wire, open connections included; disposing heals it. */
  impair(impairment: Impairment): Promise<AsyncDisposable>;
}

/** `watch` is called for every statement. Without it, the wire passes bytes unread. */
export async function openDatabaseWire(upstream: URL, watch?: Watch): Promise<DatabaseWire> {
  await using stack = new AsyncDisposableStack();
  const host = upstream.hostname.replace(/^\[|\]$/g, "");
  const server = { host, port: Number(upstream.port || 5432) };
  const tap = watch === undefined ? null : stack.use(await Tap.open({ to: server, watch }));
  const link = stack.use(
    await Link.open(tap === null ? server : { host: "127.0.0.1", port: tap.port }),
  );
  const owned = stack.move();
  return {
    get connections() {
      return link.accepted;
    },
    get refused() {
      return link.refused;
    },
    through: (url) => {
      const local = new URL(url);
      local.hostname = "127.0.0.1";
      local.port = String(link.port);
      return local.href;
    },
    impair: (impairment) => link.impair(impairment),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
