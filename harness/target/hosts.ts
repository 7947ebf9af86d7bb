import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * The host of an address that may not be spoken with, with what to do; null: it may. Allowed are
 * this machine and the hosts of `allow`, each as in an address, with its port or without.
 */
export function foreignHost(address: string, allow: readonly string[]): string | null {
  if (!URL.canParse(address)) return `"${address}", which is no address: http://host:port/path`;
  const { hostname, host } = whereOf(new URL(address));
  if (isThisMachine(hostname)) return null;
  const allowed = allow.map((it) => it.toLowerCase());
  if (allowed.includes(hostname.toLowerCase()) || allowed.includes(host.toLowerCase())) return null;
  return `${hostname}, which is not this machine: add "${hostname}" to allow, where it is for tests`;
}

/** Postgres takes the host of a parameter before that of the address, and a folder for a socket. */
function whereOf(url: URL): { hostname: string; host: string } {
  if (!url.protocol.startsWith("postgres")) return url;
  const hostname = url.searchParams.get("host") ?? url.hostname;
  const host = `${hostname}:${url.searchParams.get("port") ?? (url.port || "5432")}`;
  return hostname === "" || hostname.startsWith("/")
    ? { hostname: "localhost", host }
    : { hostname, host };
}

function isThisMachine(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const version = isIP(bare);
  if (version !== 0) return loopback.check(bare, version === 4 ? "ipv4" : "ipv6");
  return bare === "localhost" || bare.endsWith(".localhost");
}
