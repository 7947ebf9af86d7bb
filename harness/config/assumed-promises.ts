import type { Promises } from "../history/promises.ts";

/**
 * The paths of the promises that a target does not declare, and that its defaults make instead:
 * "recoveryMs", "growth.bytes". A default of null or "none" promises nothing, so it is left out.
 * `written`: the promises as the configuration gives them.
 */
export function assumedPromises(written: unknown, promises: Promises): string[] {
  return leavesOf(promises).flatMap(({ path, value }) =>
    value === null || value === "none" || isWritten(written, path) ? [] : [path.join(".")],
  );
}

/** Each promise in one line: its path and value, and whether the target declares it. */
export function promisesInWords(
  promises: Promises,
  assumed: readonly string[],
): { readonly declared: readonly string[]; readonly assumed: readonly string[] } {
  const made = leavesOf(promises).filter(({ value }) => value !== null && value !== "none");
  const line = ({ path, value }: Leaf) => `${path.join(".")} ${String(value)}`;
  const isAssumed = ({ path }: Leaf) => assumed.includes(path.join("."));
  return {
    declared: made.filter((it) => !isAssumed(it)).map(line),
    assumed: made.filter(isAssumed).map(line),
  };
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

function leavesOf(value: object, above: readonly string[] = []): Leaf[] {
  return Object.entries(value).flatMap(([key, it]: [string, unknown]) => {
    const path = [...above, key];
    return typeof it === "object" && it !== null ? leavesOf(it, path) : [{ path, value: it }];
  });
}

function isWritten(written: unknown, [key = "", ...rest]: readonly string[]): boolean {
  if (typeof written !== "object" || written === null || !Object.hasOwn(written, key)) return false;
  const value: unknown = Reflect.get(written, key);
  return rest.length === 0 ? value !== undefined : isWritten(value, rest);
}
