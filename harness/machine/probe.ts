import { type IncomingHttpHeaders, request as requestPlainly } from "node:http";
import { request as requestSafely } from "node:https";
import { distrustIn } from "./certificate.ts";

export interface Probed {
  /** 0: the server's certificate is not trusted, and `body` says why. */
  readonly status: number;
  /** At most 500 characters. */
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** One request on a new connection, as for a ready check; null: no response in time. */
export function probe(
  url: URL,
  method: string,
  timeoutMs: number,
  given: Readonly<Record<string, string>> = {},
): Promise<Probed | null> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = url.protocol === "https:" ? requestSafely : requestPlainly;
    const asked = request(url, { method, headers: given, agent: false, signal }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        if (body.length < 500) body += chunk;
      });
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: body.slice(0, 500),
          headers: response.headers,
        }),
      );
      response.once("error", () => resolve(null));
    });
    asked.once("error", (error) => {
      const distrust = distrustIn(error);
      resolve(distrust === null ? null : { status: 0, body: distrust, headers: {} });
    });
    asked.end();
  });
}
