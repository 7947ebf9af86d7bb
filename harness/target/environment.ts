/**
 * What stands in a configuration with its `${env:NAME}` and `${env:NAME:-default}` filled in.
 * A default may hold other names: `${env:MODEL_URL:-${model}/v1}`. It counts where the variable is
 * missing or empty, as in a shell.
 */
export interface Interpolated {
  readonly value: unknown;
  /** What came from the environment without a default: it may be a secret. */
  readonly secrets: readonly string[];
  readonly missing: readonly Missing[];
}

interface Missing {
  readonly path: readonly PropertyKey[];
  readonly says: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const reference = /\$\{env:((?:[^{}]|\$\{[^{}]*\})*)\}/g;

/** Fills every text of a configuration, at any depth; functions stay as they are. */
export function interpolate(value: unknown, environment: Environment): Interpolated {
  const secrets = new Set<string>();
  const missing: Missing[] = [];
  const filled = (it: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof it === "string") {
      return it.replace(reference, (whole, body: string) => {
        const { name, otherwise } = partsOf(body);
        const found = environment[name];
        if (found !== undefined && found !== "") {
          if (otherwise === null) secrets.add(found);
          return found;
        }
        if (otherwise !== null) return otherwise;
        missing.push({ path, says: missingSentence(whole, name, found) });
        return "";
      });
    }
    if (Array.isArray(it)) return it.map((item, index) => filled(item, [...path, index]));
    if (!isPlain(it)) return it;
    return Object.fromEntries(
      Object.entries(it).map(([key, item]) => [key, filled(item, [...path, key])]),
    );
  };
  return { value: filled(value, []), secrets: [...secrets], missing };
}

/** A text as it is without its environment: what its defaults say, and the rest. */
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
    return `found ${whole}; allowed are \${env:NAME} and \${env:NAME:-default}`;
  }
  const state = found === undefined ? "is not set" : "is empty";
  return `the environment variable ${name} ${state}: set it, or write \${env:${name}:-default}`;
}

function isPlain(it: unknown): it is Record<string, unknown> {
  if (typeof it !== "object" || it === null) return false;
  const prototype: unknown = Object.getPrototypeOf(it);
  return prototype === null || prototype === Object.prototype;
}
