import { Toxiproxy, type Proxy } from "toxiproxy-node-client";
import type { DatabaseWire } from "./database-wire.ts";
import type { Impairment } from "./impairment.ts";

/** A Toxiproxy server, and how the replicas reach it. */
export interface ToxiproxyServer {
  /** The URL of its API, for the harness. */
  readonly api: URL;
  /** Its host name for the replicas. */
  readonly host: string;
}

/** Longer than any run: a stall is an endless latency. */
const foreverMs = 3_600_000;

/**
 * The database wire of one replica through Toxiproxy, listening on `port` of its server.
 *
 * Its limits, and how they are met (Toxiproxy 2.12): a `timeout` toxic closes the connection when
 * it is removed, so a stall is an endless `latency`, whose bytes go on when it is removed ·
 * `reset_peer` acts only when data arrives, so an idle connection ends with its next statement;
 * connections that were open before are closed (FIN), only later ones are reset (RST) · bandwidth
 * is in kilobytes per second.
 */
export async function openToxiproxyWire(
  server: ToxiproxyServer,
  { name, port, upstream }: { name: string; port: number; upstream: string },
): Promise<DatabaseWire> {
  const client = new Toxiproxy(server.api.href.replace(/\/$/, ""));
  const listen = `0.0.0.0:${port}`;
  const proxy = await client.createProxy({ name, listen, upstream, enabled: true });
  let impairments = 0;
  return {
    connections: null,
    // It does not count: it cannot refuse some connections and keep others, see below.
    refused: 0,
    through: (url) => {
      const there = new URL(url);
      there.hostname = server.host;
      there.port = String(port);
      return there.href;
    },
    impair: (impairment) => impair(proxy, impairment, `impairment-${(impairments += 1)}`),
    // The server may be gone already, at the end of the run.
    [Symbol.asyncDispose]: () => proxy.remove().catch(() => {}),
  };
}

async function impair(
  proxy: Proxy,
  impairment: Impairment,
  name: string,
): Promise<AsyncDisposable> {
  if (impairment.kind === "refuse") {
    throw new Error("Toxiproxy cannot refuse new connections and keep open ones: use cutDatabase");
  }
  if (impairment.kind === "cut") {
    const { listen, upstream } = proxy;
    await proxy.update({ enabled: false, listen, upstream });
    return {
      [Symbol.asyncDispose]: async () =>
        void (await proxy.update({ enabled: true, listen, upstream })),
    };
  }
  const { type, attributes } = toxicOf(impairment);
  await using stack = new AsyncDisposableStack();
  for (const stream of ["upstream", "downstream"] as const) {
    const given = { name: `${name}-${stream}`, type, stream, toxicity: 1, attributes };
    const toxic = await proxy.addToxic(given);
    stack.defer(() => toxic.remove());
  }
  return stack.move();
}

function toxicOf(impairment: Exclude<Impairment, { kind: "cut" | "refuse" }>) {
  switch (impairment.kind) {
    case "latency":
      return { type: "latency", attributes: { latency: impairment.ms, jitter: 0 } } as const;
    case "stall":
      return { type: "latency", attributes: { latency: foreverMs, jitter: 0 } } as const;
    case "bandwidth": {
      const rate = Math.max(1, Math.round(impairment.bytesPerSecond / 1_000));
      return { type: "bandwidth", attributes: { rate } } as const;
    }
    case "reset":
      return { type: "reset_peer", attributes: { timeout: 0 } } as const;
  }
}
