import type { ServerResponse } from "node:http";
import type { ModelImpairment } from "./model-impairment.ts";

/**
 * Passes on only half of the bytes of a response. What follows depends on the impairment: a
 * reset, a regular end, or silence and the rest when it is healed.
 */
export function halve(
  response: ServerResponse,
  then: Extract<ModelImpairment["kind"], "cut" | "short" | "stall">,
  healed: Promise<void>,
): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const written: Buffer[] = [];
  const keep = (chunk: unknown): void => {
    if (typeof chunk === "string" || chunk instanceof Uint8Array) written.push(Buffer.from(chunk));
  };
  const finish = (): void => {
    const whole = Buffer.concat(written);
    const middle = middleOf(whole);
    // A content length would reveal that something is missing.
    if (!response.headersSent) response.removeHeader("content-length");
    write(whole.subarray(0, middle), () => {
      if (then === "cut") response.socket?.resetAndDestroy();
      else if (then === "short") end();
      else void healed.then(() => end(whole.subarray(middle)));
    });
  };
  Object.assign(response, {
    write: (chunk: unknown) => {
      keep(chunk);
      return true;
    },
    end: (chunk: unknown) => {
      keep(chunk);
      finish();
      return response;
    },
  });
}

/** Whole events of a stream, as a gateway passes them on: clients ignore half an event. */
function middleOf(whole: Buffer): number {
  const half = Math.floor(whole.length / 2);
  const event = whole.lastIndexOf("\n\n", half);
  return event < 0 ? half : event + 2;
}
