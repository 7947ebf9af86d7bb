import { Agent } from "undici";
import { fill, fillText } from "./target/fill.ts";
import { methodAndPath, type Request } from "./target/request.ts";
import { headers } from "./wires/ingress.ts";

/** What came back of one request, or that nothing did. */
export type Exchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly body: string;
      /** The body as JSON; undefined where it is none. */
      readonly json: unknown;
      readonly served: string | null;
    }
  /** Certain: no byte reached a replica. */
  | { readonly kind: "unsent"; readonly why: string }
  /** A time-out, a reset, a cut stream, a replica that died: it may have happened. */
  | { readonly kind: "broken"; readonly why: string; readonly served: string | null };

export interface Ask {
  readonly request: Request;
  readonly names: Readonly<Record<string, unknown>>;
  /** The replica that must serve it; null: the ingress chooses. */
  readonly on: string | null;
  /** Who asks, for sticky routing. */
  readonly client: string;
  readonly timeoutMs: number;
  /** Aborts once the client hangs up; null: it does not. */
  readonly hangUp: AbortSignal | null;
}

/** The client's side of the ingress: fills a template, sends it, believes nothing. */
export class Wire implements AsyncDisposable {
  readonly #ingress: () => URL;
  // One connection per request: one that is kept may be closed while a request is on its way
  // (HAProxy does after a replica has died), and that would be the harness's own doing.
  readonly #agent = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 });

  constructor(ingress: () => URL) {
    this.#ingress = ingress;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async send({ request, names, on, client, timeoutMs, hangUp }: Ask): Promise<Exchange> {
    const { method, path: template } = methodAndPath(request);
    // Filled before anything is caught: a name that is not known is our failure, not an outcome.
    const path = fillText(template, encoded(names));
    const json = request.json === undefined ? null : JSON.stringify(fill(request.json, names));
    const given = Object.entries(request.headers).map(
      ([name, value]) => [name, fillText(value, names)] as const,
    );
    let served: string | null = null;
    try {
      const answer = await this.#agent.request({
        origin: this.#ingress(),
        path,
        method,
        headers: {
          ...(json === null ? {} : { "content-type": "application/json" }),
          ...Object.fromEntries(given),
          ...(on === null ? {} : { [headers.on]: on }),
          [headers.client]: client,
        },
        body: json,
        signal: AbortSignal.any([
          AbortSignal.timeout(timeoutMs),
          ...(hangUp === null ? [] : [hangUp]),
        ]),
      });
      served = single(answer.headers[headers.served]);
      const body = await answer.body.text();
      if (answer.headers[headers.unsent] !== undefined) return { kind: "unsent", why: body };
      // The ingress itself says 502 where the replica broke off.
      if (answer.statusCode === 502) return { kind: "broken", why: body, served };
      return { kind: "answered", status: answer.statusCode, body, json: parse(body), served };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      return { kind: "broken", why, served };
    }
  }
}

function encoded(names: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).map(([name, value]) => [name, encodeURIComponent(String(value))]),
  );
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function single(value: string | string[] | undefined): string | null {
  return [value ?? []].flat()[0] ?? null;
}
