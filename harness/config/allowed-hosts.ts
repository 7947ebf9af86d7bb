import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Why an address is not allowed, with the remedy; null: it is allowed. Allowed are this machine and
 * the hosts of `allow`, each with or without its port. The message never contains the full address,
 * which may contain a password.
 */
export function foreignHost(address: string, allow: readonly string[]): string | null {
  // URL parses "localhost:5432" as an address with the scheme "localhost".
  if (!/^(https?|postgres(ql)?):\/\//.test(address) || !URL.canParse(address)) {
    return "is not an address like http://127.0.0.1:8080/path or postgres://me@127.0.0.1:5432/db";
  }
  const { hostname, host } = whereOf(new URL(address));
  if (isThisMachine(hostname)) return null;
  const allowed = allow.map((it) => it.toLowerCase());
  if (allowed.includes(hostname.toLowerCase()) || allowed.includes(host.toLowerCase())) return null;
  return `is on ${hostname}, which is not this machine: if it is a test host, add "${hostname}" to allow`;
}

/** In Postgres URLs the parameter `host` overrides the host, and a folder means a socket. */
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
