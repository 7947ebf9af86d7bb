/** Where the wires of a deployment listen, and by which name its replicas reach that address. */
export interface WireAddress {
  readonly listen: string;
  readonly reach: string;
}

/** For replicas that share our network. */
export const loopback: WireAddress = { listen: "127.0.0.1", reach: "127.0.0.1" };
