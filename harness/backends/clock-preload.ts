import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Runs in a replica before anything of its own, as text: it may use what it is given, and nothing
 * else of this file. Node's own clock for `Date` headers is out of reach, so they are set here.
 */
export function setDateAhead(
  http: { ServerResponse: { prototype: ServerResponse<IncomingMessage> } },
  aheadMs: number,
): void {
  globalThis.Date = new Proxy(Date, {
    apply: (real) => new real(real.now() + aheadMs).toString(),
    construct: (real, given: [], made) =>
      Reflect.construct(real, given.length > 0 ? given : [real.now() + aheadMs], made),
    get: (real, name, self) =>
      name === "now" ? () => real.now() + aheadMs : Reflect.get(real, name, self),
  });
  const { prototype } = http.ServerResponse;
  const { writeHead } = prototype;
  Object.defineProperty(prototype, "writeHead", {
    value(this: ServerResponse, ...given: unknown[]): unknown {
      if (!this.hasHeader("date")) this.setHeader("date", new Date().toUTCString());
      return Reflect.apply(writeHead, this, given);
    },
  });
}
