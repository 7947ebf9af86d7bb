import { withoutEnvironment } from "./environment.ts";
import type { Mistake } from "./config-error.ts";
import { suggestion } from "./did-you-mean.ts";
import { valueAt } from "./schema-place.ts";

/** Variables of a process, filled when it starts. */
const ofProcess = ["port", "replica", "database", "model", "tools", "scratch"];
/** Variables of every request. */
const ofRequest = ["thread", "user", "run"];
const ofSaying = ["message", "turn"];
const ofNewThread = ["uuid", "hex", "digits", "number"];

interface Place {
  readonly path: readonly PropertyKey[];
  readonly names: readonly string[];
}

/**
 * Templates with variables that are unknown at their place. `written` may be any value: other
 * checks report other mistakes.
 */
export function unknownTemplateNames(written: unknown): readonly Mistake[] {
  const targets = valueAt(written, ["targets"]);
  return keysIn(targets).flatMap((target) => {
    const at = valueAt(targets, [target]);
    return placesIn(at).flatMap(({ path, names }) =>
      textsIn(valueAt(at, path), ["targets", target, ...path]).flatMap(({ text, path: where }) =>
        unknownIn(text, names).map((says) => ({ path: where, says })),
      ),
    );
  });
}

/** All places of a target that may contain templates, with the variables that are known there. */
function placesIn(target: unknown): Place[] {
  const logins = valueAt(target, ["login"]);
  const captured = Array.isArray(logins)
    ? logins.map((it) => keysIn(valueAt(it, ["capture"])))
    : [];
  const fromLogin = captured.flat();
  const fromThread = keysIn(valueAt(target, ["thread", "capture"]));
  const known = [...ofRequest, ...fromLogin, ...fromThread];
  const threadless = known.filter((it) => it !== "thread");
  const at = (names: readonly string[], ...paths: readonly (readonly PropertyKey[])[]): Place[] =>
    paths.map((path) => ({ path, names }));
  return [
    ...at(ofProcess, ["start"], ["migrate"], ["env"], ["envIn"]),
    ...at(ofProcess, ["container", "command"], ["container", "migrate"], ["container", "env"]),
    ...keysIn(valueAt(target, ["variants"])).flatMap((it) =>
      at(
        ofProcess,
        ...[["env"], ["start"], ["container", "command"]].map((path) => ["variants", it, ...path]),
      ),
    ),
    ...at([], ["build"], ["ready"], ["address"], ["database"], ["recallPrompt"]),
    ...at(["replica"], ["hooks"]),
    ...captured.flatMap((_, index) =>
      at([...ofRequest, ...captured.slice(0, index).flat()], ["login", index]),
    ),
    ...at([...threadless, ...ofNewThread], ["thread", "make"]),
    ...requestFields.flatMap((field) => at(threadless, ["thread", field])),
    ...at(known, ["headers"], ["read"], ["secondView"], ["delete"]),
    ...["say", "resume"].flatMap((saying) => {
      const names = [...known, ...ofSaying];
      const jobs = jobRequests.map((it) => [saying, "reply", it]);
      return [
        ...requestFields.flatMap((field) => at(names, [saying, field])),
        ...at(names, [saying, "first"]),
        ...at([...names, "job"], ...jobs),
      ];
    }),
  ];
}

const requestFields = [
  ...["get", "post", "put", "patch", "delete"],
  ...["headers", "json", "form", "text"],
];
const jobRequests = ["poll", "join", "cancel"];

/** Strings at any depth, each with its path. */
function textsIn(
  it: unknown,
  path: readonly PropertyKey[],
): { text: string; path: PropertyKey[] }[] {
  if (typeof it === "string") return [{ text: withoutEnvironment(it), path: [...path] }];
  if (Array.isArray(it)) return it.flatMap((item, index) => textsIn(item, [...path, index]));
  return keysIn(it).flatMap((key) => textsIn(valueAt(it, [key]), [...path, key]));
}

function unknownIn(text: string, names: readonly string[]): string[] {
  const found = [...text.matchAll(/\$\{(\s*[\w-]+\s*)\}/g)].map(([, name = ""]) => name);
  const unknown = [...new Set(found)].filter((name) => !names.includes(name));
  const allowed = names.map((name) => `\${${name}}`).join(", ");
  return unknown.map((name) => {
    const near = suggestion(name.trim(), names);
    return allowed === ""
      ? `unknown variable \${${name}}; none are allowed here`
      : `unknown variable \${${name}}${near}; allowed: ${allowed}`;
  });
}

function keysIn(it: unknown): string[] {
  return typeof it === "object" && it !== null && !Array.isArray(it) ? Object.keys(it) : [];
}
