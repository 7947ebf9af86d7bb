import { fill, fillText } from "../config/template.ts";
import { methodAndPath, type Request } from "../config/request.ts";

/** The variables of templates. `undefined`: no value yet, so requests omit parts that use it. */
export type Names = Readonly<Record<string, unknown>>;

/** A request with all its variables filled in. */
export interface Filled {
  readonly method: string;
  /** Includes the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/**
 * Fills the variables of a request. Omits each query parameter, field and header that uses an
 * `undefined` variable. Throws if a variable does not exist, because that is a typing mistake.
 */
export function filled(request: Request, names: Names): Filled {
  const { method, path } = methodAndPath(request);
  const { type, body } = bodyOf(request, names);
  const headers = Object.entries(request.headers)
    .filter(([, value]) => isKnown(value, names))
    .map(([name, value]) => [name.toLowerCase(), fillText(value, names)] as const);
  return {
    method,
    path: filledPath(path, names),
    headers: { ...(type === null ? {} : { "content-type": type }), ...Object.fromEntries(headers) },
    body,
  };
}

function bodyOf(
  { json, form, text }: Request,
  names: Names,
): { type: string | null; body: string | null } {
  if (json !== undefined) {
    return { type: "application/json", body: JSON.stringify(fill(json, names)) };
  }
  if (form !== undefined) {
    const fields = Object.entries(form)
      .filter(([, value]) => isKnown(value, names))
      .map(([name, value]): [string, string] => [name, fillText(value, names)]);
    const type = "application/x-www-form-urlencoded";
    return { type, body: new URLSearchParams(fields).toString() };
  }
  return { type: null, body: text === undefined ? null : fillText(text, names) };
}

/** Encodes the values, so that none of them changes the structure of the path or the query. */
function filledPath(template: string, names: Names): string {
  const encoded = Object.fromEntries(
    Object.entries(names).map(([name, value]) => [name, encodeURIComponent(String(value))]),
  );
  const [path = "", query] = template.split(/\?(.*)/s, 2);
  const parameters = (query ?? "").split("&").filter((it) => it !== "" && isKnown(it, names));
  const after = parameters.length === 0 ? "" : `?${parameters.join("&")}`;
  return fillText(`${path}${after}`, encoded);
}

/** False if the template uses a variable that has no value yet. */
function isKnown(template: string, names: Names): boolean {
  return [...template.matchAll(/\$\{([\w-]+)\}/g)].every(
    ([, name = ""]) => !(name in names) || names[name] !== undefined,
  );
}
