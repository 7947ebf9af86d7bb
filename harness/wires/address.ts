import type { Token } from "../history.ts";

/** Where the wires of a deployment listen, and by which name its replicas reach that address. */
export interface WireAddress {
  readonly listen: string;
  readonly reach: string;
  /** On which to listen; without it any that is free. */
  readonly port?: number;
}

/** Who makes a call: the one replica that has this address, or whoever was given that turn. */
export type Executor = (token: Token | null) => string;

/** For replicas that share our network. */
export const loopback: WireAddress = { listen: "127.0.0.1", reach: "127.0.0.1" };
