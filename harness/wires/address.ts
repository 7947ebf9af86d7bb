import type { Token } from "../history/token.ts";

/** Where the wires of a deployment listen, and by which name its replicas reach that address. */
export interface WireAddress {
  readonly listen: string;
  readonly reach: string;
  /** On which to listen; without it any that is free. */
  readonly port?: number;
}

/** Who makes the calls of a turn, on a wire that several replicas share. */
export type Executor = (token: Token | null) => string;

/** For replicas that share our network. */
export const loopback: WireAddress = { listen: "127.0.0.1", reach: "127.0.0.1" };
