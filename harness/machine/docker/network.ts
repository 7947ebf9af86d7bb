import type { ContainerRuntimeClient } from "testcontainers";

type Dockerode = ContainerRuntimeClient["container"]["dockerode"];
type Network = Awaited<ReturnType<Dockerode["createNetwork"]>>;
type NetworkInspectInfo = Awaited<ReturnType<Network["inspect"]>>;

interface Subnet {
  /** In CIDR notation: "172.18.0.0/16". */
  readonly Subnet: string;
  readonly Gateway: string;
}

/** Another run may take the chosen subnet first. */
const tries = 5;

/**
 * The network of a run. We assign its addresses ourselves: the engine would give the address of an
 * isolated container to the next one, and the first would lose its connections for good.
 */
export class RunNetwork {
  readonly name: string;
  /** The machine's address on this network. */
  readonly gateway: string;
  readonly #network: Network;
  readonly #first: number;
  readonly #last: number;
  readonly #taken: Set<number>;
  #next: number;

  private constructor(network: Network, name: string, { Subnet, Gateway }: Subnet) {
    const [address = "", prefix = ""] = Subnet.split("/");
    this.name = name;
    this.gateway = Gateway;
    this.#network = network;
    this.#first = numberOf(address) + 1;
    // The last address of a subnet is its broadcast address.
    this.#last = numberOf(address) + 2 ** (32 - Number(prefix)) - 2;
    this.#taken = new Set([numberOf(Gateway)]);
    this.#next = this.#first;
  }

  static async open(
    dockerode: Dockerode,
    name: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<RunNetwork> {
    for (let tried = 1; ; tried += 1) {
      const wanted = { Name: name, Labels: labels };
      // The engine chooses a free subnet, but we may assign addresses only in a named subnet. So we
      // read its choice and create the network again with that.
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

  /**
   * Reserves an address for a container until `giveBack`. Addresses go round the subnet: the engine
   * may release that of a removed container late, and refuses it until then (403).
   */
  take(): string {
    const size = this.#last - this.#first + 1;
    for (let tried = 0; tried < size; tried += 1) {
      const number = this.#next;
      this.#next = number === this.#last ? this.#first : number + 1;
      if (this.#taken.has(number)) continue;
      this.#taken.add(number);
      return addressOf(number);
    }
    throw new Error(`network ${this.name} has no free address: all ${this.#taken.size} are in use`);
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

/** The IPv4 subnet; a network may have an IPv6 subnet too. */
function subnetIn({ IPAM }: NetworkInspectInfo): Subnet {
  for (const { Subnet, Gateway } of IPAM?.Config ?? []) {
    if (Subnet?.includes(".") && Gateway !== undefined) return { Subnet, Gateway };
  }
  throw new Error("the Docker engine created a network without an IPv4 subnet");
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
}
