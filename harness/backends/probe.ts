import { request } from "node:http";

export interface Probed {
  readonly status: number;
  /** At most 500 characters. */
  readonly body: string;
}

/** One look at a ready check, on a connection of its own; null: no answer within the time. */
export function probe(url: URL, method: string, timeoutMs: number): Promise<Probed | null> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const asked = request(url, { method, agent: false, signal }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        if (body.length < 500) body += chunk;
      });
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, body: body.slice(0, 500) }),
      );
      response.once("error", () => resolve(null));
    });
    asked.once("error", () => resolve(null));
    asked.end();
  });
}
