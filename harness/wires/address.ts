import type { Token } from "../history/token.ts";

/** Where the wires of a deployment listen, and the name by which its replicas reach them. */
export interface WireAddress {
  readonly listen: string;
  readonly reach: string;
  /** The port to listen on. Default: any free port. */
  readonly port?: number;
}

/** The replica that makes the calls of a turn, on a wire that several replicas share. */
export type Executor = (token: Token | null) => string;

/** For replicas on the harness's own network. */
export const loopback: WireAddress = { listen: "127.0.0.1", reach: "127.0.0.1" };
