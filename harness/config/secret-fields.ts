/** Shorter strings do not count as secrets: they occur in reports by chance. */
const leastLength = 6;

/**
 * Secrets that a configuration contains in plain text: values of headers, variables and body fields
 * with a secret's name, passwords in URLs, and keys in queries. Templates do not count. Secrets
 * from environment variables come from `interpolate`.
 */
export function secretsOf(configuration: object | string): readonly string[] {
  const found = new Set<string>();
  collect(configuration, found, false);
  return [...found].filter(isSecret);
}

/** Whether a string is long enough to be redacted everywhere. */
export function isSecret(text: string): boolean {
  return text.length >= leastLength;
}

/** Whether a header, variable or field of this name carries a secret. */
export function namesSecret(name: string): boolean {
  return /key|token|secret|password|passwd|credential|^(proxy-)?authorization$|^cookie$/i.test(
    name,
  );
}

/** Fields whose nested names belong to the service, and not to threadproof. */
const foreign = ["headers", "env", "json", "form"];

function collect(it: unknown, found: Set<string>, isForeign: boolean): void {
  if (typeof it === "string") {
    for (const secret of secretsInUrls(it)) found.add(secret);
    return;
  }
  if (typeof it !== "object" || it === null) return;
  for (const [name, item] of Object.entries(it)) {
    const isText = typeof item === "string" || typeof item === "number";
    if (isForeign && isText && namesSecret(name)) {
      for (const secret of partsOf(String(item))) found.add(secret);
    }
    collect(item, found, isForeign || foreign.includes(name));
  }
}

/** The whole credential and its secret parts: the token after a scheme, the values of cookies. */
function partsOf(text: string): string[] {
  const pieces = text.split(/; */).flatMap((it) => [it, it.slice(it.indexOf("=") + 1)]);
  const token = /^\w+ +(\S+)$/.exec(text)?.[1] ?? "";
  return [text, token, ...pieces].filter((it) => !it.includes("${"));
}

function secretsInUrls(text: string): string[] {
  const passwords = [...text.matchAll(/:\/\/[^\s/:@]*:([^\s/@]+)@/g)].map(([, it = ""]) => it);
  const queries = [...text.matchAll(/[?&]([^\s=&#]+)=([^\s&#]+)/g)];
  const keys = queries.filter(([, name = ""]) => namesSecret(name)).map(([, , it = ""]) => it);
  const plain = [...passwords, ...keys].filter((it) => !it.includes("${"));
  return plain.flatMap((it) => [it, decoded(it)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
