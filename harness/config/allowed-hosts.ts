import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Why an address may not be spoken with, and what to do; null: it may. Allowed are this machine and
 * the hosts of `allow`, each as in an address, with its port or without. Never tells the whole
 * address: it may hold a password.
 */
export function foreignHost(address: string, allow: readonly string[]): string | null {
  // "localhost:5432" is an address of the scheme "localhost".
  if (!/^(https?|postgres(ql)?):\/\//.test(address) || !URL.canParse(address)) {
    return "is no address: one is like http://127.0.0.1:8080/path or postgres://me@127.0.0.1:5432/db";
  }
  const { hostname, host } = whereOf(new URL(address));
  if (isThisMachine(hostname)) return null;
  const allowed = allow.map((it) => it.toLowerCase());
  if (allowed.includes(hostname.toLowerCase()) || allowed.includes(host.toLowerCase())) return null;
  return `is at ${hostname}, which is not this machine: if it is there for tests, add "${hostname}" to allow`;
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
