import type { Parts } from "../parts.ts";

/**
 * Tools are called without an idempotency key. Found in most tools. A replica that is killed
 * between an effect and its checkpoint does the effect again when the turn is resumed: two
 * bookings.
 */
export default function notIdempotent(parts: Parts): Parts {
  return { ...parts, idempotencyKey: () => undefined };
}
