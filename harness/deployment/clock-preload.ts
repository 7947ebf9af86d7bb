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
    construct(real, given: [], made) {
      const date = given.length > 0 ? new real(...given) : new real(real.now() + aheadMs);
      // Of a class that extends Date.
      const prototype: unknown = made.prototype;
      if (typeof prototype === "object") Object.setPrototypeOf(date, prototype);
      return date;
    },
    get(real, name, self) {
      if (name === "now") return () => real.now() + aheadMs;
      const own: unknown = Reflect.get(real, name, self);
      return own;
    },
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
