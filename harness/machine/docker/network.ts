import type { ContainerRuntimeClient } from "testcontainers";

type Dockerode = ContainerRuntimeClient["container"]["dockerode"];
type Network = Awaited<ReturnType<Dockerode["createNetwork"]>>;
type NetworkInspectInfo = Awaited<ReturnType<Network["inspect"]>>;

interface Subnet {
  /** In CIDR notation: "172.18.0.0/16". */
  readonly Subnet: string;
  readonly Gateway: string;
}

/** How often another run may take the subnet first. */
const tries = 5;

/**
 * The network of a run, whose addresses are handed out here. An engine that chooses them gives the
 * address of a container that is cut off to the next one that starts, and then the connections of
 * the first are dead when it returns.
 */
export class RunNetwork {
  readonly name: string;
  /** The address of the machine on it. */
  readonly gateway: string;
  readonly #network: Network;
  readonly #first: number;
  readonly #last: number;
  readonly #taken: Set<number>;

  private constructor(network: Network, name: string, { Subnet, Gateway }: Subnet) {
    const [address = "", prefix = ""] = Subnet.split("/");
    this.name = name;
    this.gateway = Gateway;
    this.#network = network;
    this.#first = numberOf(address) + 1;
    // The last address of a subnet is that of its broadcasts.
    this.#last = numberOf(address) + 2 ** (32 - Number(prefix)) - 2;
    this.#taken = new Set([numberOf(Gateway)]);
  }

  static async open(
    dockerode: Dockerode,
    name: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<RunNetwork> {
    for (let tried = 1; ; tried += 1) {
      const wanted = { Name: name, Labels: labels };
      // The engine finds a free subnet, and lets us choose addresses only in one that we name.
      const chosen = await dockerode.createNetwork(wanted);
      const subnet = subnetIn(await chosen.inspect());
      await chosen.remove();
      try {
        const network = await dockerode.createNetwork({ ...wanted, IPAM: { Config: [subnet] } });
        return new RunNetwork(network, name, subnet);
      } catch (cause) {
        if (tried === tries) throw cause;
      }
    }
  }

  /** An address for one container, until it is given back. */
  take(): string {
    for (let number = this.#first; number <= this.#last; number += 1) {
      if (this.#taken.has(number)) continue;
      this.#taken.add(number);
      return addressOf(number);
    }
    throw new Error(`network ${this.name} has no free address: its ${this.#taken.size} are taken`);
  }

  giveBack(address: string): void {
    this.#taken.delete(numberOf(address));
  }

  async connect(container: string, address: string): Promise<void> {
    const EndpointConfig = { IPAMConfig: { IPv4Address: address } };
    await this.#network.connect({ Container: container, EndpointConfig });
  }

  async disconnect(container: string): Promise<void> {
    await this.#network.disconnect({ Container: container, Force: true });
  }

  async remove(): Promise<void> {
    await this.#network.remove();
  }
}

/** The IPv4 part; a network may have an IPv6 one beside it. */
function subnetIn({ IPAM }: NetworkInspectInfo): Subnet {
  for (const { Subnet, Gateway } of IPAM?.Config ?? []) {
    if (Subnet?.includes(".") && Gateway !== undefined) return { Subnet, Gateway };
  }
  throw new Error("the Docker engine made a network without an IPv4 subnet");
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
}
