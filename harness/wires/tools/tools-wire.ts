import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Recorder } from "../../history/history.ts";
import { tokensIn } from "../../history/token.ts";
import type { Step, Turns } from "../../history/turn.ts";
import type { Executor, WireAddress } from "../address.ts";
import type { Holds } from "../hold.ts";

/**
 * The ledger of side effects; no crash reaches it. The first call with an idempotency key takes
 * effect, a later one gets the stored answer. A call without a key always takes effect.
 */
export class Ledger {
  readonly #admitted = new Map<string, string>();

  /** The stored answer of a key; null: the key is new, and this answer is stored. */
  admit(key: string | null, answer: string): string | null {
    if (key === null) return null;
    const stored = this.#admitted.get(key);
    if (stored === undefined) this.#admitted.set(key, answer);
    return stored ?? null;
  }
}

/** The tools wire of one replica: `POST /<tool>` with JSON and the header `idempotency-key`. */
export interface ToolsWire extends AsyncDisposable {
  readonly url: string;
}

export interface ToolsWireOptions {
  readonly replica: string;
  /** Set if several replicas share the wire. */
  readonly executorOf?: Executor;
  readonly address: WireAddress;
  readonly ledger: Ledger;
  readonly turns: Turns;
  readonly holds: Holds;
  readonly recorder: Recorder;
}

export async function openToolsWire(options: ToolsWireOptions): Promise<ToolsWire> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    void serve(`${options.replica}/tool ${calls}`, request, options).then(
      (body) => response.writeHead(200, { "content-type": "application/json" }).end(body),
      // The caller died while it sent the request, so the answer has no receiver.
      () => response.destroy(),
    );
  });
  // If we closed an idle connection just as the service used it, the loss would look like the
  // service's fault.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.address.port ?? 0, options.address.listen, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.address.reach}:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  call: string,
  request: IncomingMessage,
  { ledger, turns, holds, recorder, ...options }: ToolsWireOptions,
): Promise<string> {
  const body = await text(request);
  const tool = new URL(request.url ?? "/", "http://tools").pathname.slice(1);
  const step = stepOf(body, turns);
  const replica = options.executorOf?.(step?.turn.token ?? null) ?? options.replica;
  const key = [request.headers["idempotency-key"] ?? []].flat()[0] ?? null;
  recorder.record({
    kind: "tool.call",
    call,
    replica,
    tool,
    turn: step?.turn.name ?? null,
    ordinal: step?.ordinal ?? null,
    key,
  });
  const place = { at: "tool", tool, ordinal: step?.ordinal ?? null } as const;
  if (step !== undefined) {
    await holds.pass(step.turn, { ...place, when: "before" }, replica);
    // A caller that dies during this hold has no effect.
    if (request.socket.destroyed || request.socket.readableEnded)
      throw new Error("the caller is gone");
  }
  const [token = "nothing"] = tokensIn(body, "s");
  const fresh = JSON.stringify({ result: `done ${token}` });
  const stored = ledger.admit(key, fresh);
  // Recorded as soon as it takes effect: a caller that dies while it waits cannot undo it.
  recorder.record({ kind: "tool.answer", call, admitted: stored === null, status: 200 });
  if (step !== undefined) {
    await holds.pass(step.turn, { ...place, when: "after" }, replica);
  }
  return stored ?? fresh;
}

function stepOf(body: string, turns: Turns): Step | undefined {
  const [token] = tokensIn(body, "s");
  return token === undefined ? undefined : turns.step(token);
}
