/**
 * A configuration after `${env:NAME}` and `${env:NAME:-default}` were filled in. As in a shell, the
 * default applies if the variable is missing or empty. It may contain other names:
 * `${env:MODEL_URL:-${model}/v1}`.
 */
export interface Interpolated {
  readonly value: unknown;
  /** Strings from variables without a default. Each may be a secret. */
  readonly secrets: readonly string[];
  readonly missing: readonly Missing[];
}

interface Missing {
  readonly path: readonly PropertyKey[];
  readonly says: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Converts a value that comes entirely from one variable to the type that its path allows. */
export type Reading = (text: string, path: readonly PropertyKey[]) => unknown;

const reference = /\$\{env:((?:[^{}]|\$\{[^{}]*\})*)\}/g;

/** Fills every string of a configuration, at any depth. Functions stay unchanged. */
export function interpolate(
  value: unknown,
  environment: Environment,
  read: Reading = (text) => text,
): Interpolated {
  const secrets = new Set<string>();
  const missing: Missing[] = [];
  const filled = (it: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof it === "string") {
      const found: string[] = [];
      const text = it.replace(reference, (whole, body: string) => {
        const { name, otherwise } = partsOf(body);
        const given = environment[name];
        if (given !== undefined && given !== "") {
          if (otherwise === null) found.push(given);
          return given;
        }
        if (otherwise !== null) return otherwise;
        missing.push({ path, says: missingSentence(whole, name, given) });
        return "";
      });
      const meant = isReference(it) ? read(text, path) : text;
      // A number is not a secret: redacting it would hide the same number everywhere.
      if (typeof meant === "string") for (const secret of found) secrets.add(secret);
      return meant;
    }
    if (Array.isArray(it)) return it.map((item, index) => filled(item, [...path, index]));
    if (!isPlain(it)) return it;
    return Object.fromEntries(
      Object.entries(it).map(([key, item]) => [key, filled(item, [...path, key])]),
    );
  };
  return { value: filled(value, []), secrets: [...secrets], missing };
}

/** Whether a string consists of exactly one `${env:…}`. */
function isReference(text: string): boolean {
  const [only] = text.match(reference) ?? [];
  return only === text;
}

/** The string with each `${env:…}` replaced by its default, or by nothing. */
export function withoutEnvironment(text: string): string {
  return text.replace(reference, (_, body: string) => partsOf(body).otherwise ?? "");
}

function partsOf(body: string): { name: string; otherwise: string | null } {
  const at = body.indexOf(":-");
  if (at < 0) return { name: body, otherwise: null };
  return { name: body.slice(0, at), otherwise: body.slice(at + 2) };
}

function missingSentence(whole: string, name: string, found: string | undefined): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return `found ${whole}; expected \${env:NAME} or \${env:NAME:-default}`;
  }
  const state = found === undefined ? "is not set" : "is empty";
  return `the environment variable ${name} ${state}: set it, or write \${env:${name}:-default}`;
}

function isPlain(it: unknown): it is Record<string, unknown> {
  if (typeof it !== "object" || it === null) return false;
  const prototype: unknown = Object.getPrototypeOf(it);
  return prototype === null || prototype === Object.prototype;
}
