import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Runs in a replica before its own code. It is passed as text, so it may use only its arguments.
 * Node's clock for `Date` headers cannot be changed, so it sets these headers too.
 */
export function setDateAhead(
  http: { ServerResponse: { prototype: ServerResponse<IncomingMessage> } },
  aheadMs: number,
): void {
  globalThis.Date = new Proxy(Date, {
    apply: (real) => new real(real.now() + aheadMs).toString(),
    construct(real, given: [], made) {
      const date = given.length > 0 ? new real(...given) : new real(real.now() + aheadMs);
      // Called for a class that extends Date.
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
