import { z } from "zod";
import { nearest, suggestion } from "./did-you-mean.ts";
import { formerNames } from "./former-names.ts";
import {
  bare,
  discriminatorOf,
  keysOf,
  meant,
  type Schema,
  schemaAt,
  valueAt,
} from "./schema-place.ts";
import { namesSecret } from "./secret-fields.ts";

/** A mistake in a configuration: its path, and a sentence with the found and the allowed value. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly says: string;
}

/** A value, and its text before `${env:…}` was filled. Messages show only the text. */
interface Given {
  readonly value: unknown;
  readonly written: unknown;
}

/**
 * All mistakes of a value. For a union, only the mistakes against the option that was probably
 * meant. A misspelled field is not reported as missing as well.
 */
export function mistakesIn(schema: Schema, { value, written }: Given): Mistake[] {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return [];
  const { issues } = parsed.error;
  const misspelled = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? misspellingsOf(issue, schema, value) : [],
  );
  const reported = issues.filter((issue) => !misspelled.some((it) => explains(it, issue, value)));
  return reported.flatMap((issue) => {
    if (issue.code === "invalid_union") return mistakesOfUnion(schema, { value, written }, issue);
    const place = schemaAt(schema, value, issue.path);
    if (issue.code === "unrecognized_keys") {
      const known = fieldsAt(schema, value, issue.path);
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        says: `unknown field${suggestion(key, known)}; allowed: ${known.join(", ")}`,
      }));
    }
    const found = { path: issue.path, written: valueAt(written, issue.path) };
    return [{ path: issue.path, says: sentenceOf(issue, place, found) }];
  });
}

interface Misspelling {
  readonly path: readonly PropertyKey[];
  readonly meant: string | null;
}

function misspellingsOf(
  { keys, path }: z.core.$ZodIssueUnrecognizedKeys,
  schema: Schema,
  value: unknown,
): Misspelling[] {
  const known = fieldsAt(schema, value, path);
  return keys.map((key) => ({ path, meant: nearest(key, known) }));
}

/** Whether a misspelled field causes this mistake. */
function explains({ path, meant }: Misspelling, issue: z.core.$ZodIssue, value: unknown): boolean {
  if (meant === null) return false;
  if (issue.code === "custom") return isSame(issue.path, path);
  return isSame(issue.path, [...path, meant]) && valueAt(value, issue.path) === undefined;
}

function isSame(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  return a.length === b.length && a.every((it, index) => it === b[index]);
}

/** Names of the allowed fields of the object at a path. */
function fieldsAt(schema: Schema, value: unknown, path: readonly PropertyKey[]): string[] {
  const place = schemaAt(schema, value, path);
  const object = place === null ? null : meant(place, valueAt(value, path));
  return object === null ? [] : Object.keys(keysOf(object));
}

function mistakesOfUnion(
  schema: Schema,
  { value, written }: Given,
  issue: z.core.$ZodIssueInvalidUnion,
): Mistake[] {
  const isAtField = issue.discriminator !== undefined && issue.path.at(-1) === issue.discriminator;
  const path = isAtField ? issue.path.slice(0, -1) : issue.path;
  const union = schemaAt(schema, value, path);
  const within = { value: valueAt(value, path), written: valueAt(written, path) };
  const field = union === null ? null : discriminatorOf(union);
  const isObject = typeof within.value === "object" && within.value !== null;
  if (union !== null && field !== null && isObject) {
    const at = [...path, field];
    const name = valueAt(written, at);
    const words = wordsOf(union, field);
    const near = typeof name === "string" ? suggestion(name, words) : "";
    const says = `${shown({ path: at, written: name })}${near}; expected ${listed(words)}`;
    return [{ path: at, says }];
  }
  const option = union === null ? null : meant(union, within.value);
  if (option !== null) {
    return mistakesIn(option, within).map((it) => ({ ...it, path: [...path, ...it.path] }));
  }
  const allowed = union === null ? issue.message : allowedBy(union);
  return [{ path, says: `${shown({ path, written: within.written })}; expected ${allowed}` }];
}

/** A sentence with the found and the expected value. */
function sentenceOf(issue: z.core.$ZodIssue, place: Schema | null, found: Found): string {
  const value = shown(found);
  switch (issue.code) {
    case "invalid_type":
    case "invalid_value": {
      const words = issue.code === "invalid_value" ? issue.values.map(String) : [];
      const near = typeof found.written === "string" ? renamed(found.written, place, words) : "";
      const allowed = place === null ? issue.message : allowedBy(place);
      return `${value}${near}; expected ${allowed}${unitOf(allowed, found)}`;
    }
    case "too_small":
      if (issue.origin === "string") return `${value}; expected a string that is not empty`;
      if (issue.origin === "array") return `${value}; expected a list of at least ${issue.minimum}`;
      return `${value}; expected a number ${issue.inclusive === true ? "from" : "above"} ${issue.minimum}`;
    case "invalid_key":
      return `invalid name: ${issue.issues[0]?.message ?? issue.message}`;
    default:
      return `${value}; ${issue.message}`;
  }
}

/** The current name of a renamed word, or a suggestion for a misspelled one. */
function renamed(word: string, place: Schema | null, words: readonly string[]): string {
  const now = place === null ? undefined : formerNames.get(bare(place))?.[word];
  return now === undefined ? suggestion(word, words) : `, which is now called "${now}"`;
}

/** A hint at what is often forgotten: the unit, or the quotes around a number. */
function unitOf(allowed: string, { path, written }: Found): string {
  if (allowed === "a number" && String(path.at(-1)).endsWith("Ms")) return " of milliseconds";
  const isBare = typeof written === "number" || typeof written === "boolean";
  return allowed === "a string" && isBare ? `: "${written}"` : "";
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly written: unknown;
}

/** The value as it was written, shortened; without the value of a secret. */
function shown({ path, written }: Found): string {
  // An empty file parses as null.
  if (written === undefined || (written === null && path.length === 0)) return "missing";
  if (typeof written === "function") return "found a function";
  if (Array.isArray(written)) return `found a list of ${written.length}`;
  if (typeof written === "object" && written !== null) {
    const keys = Object.keys(written);
    return `found ${keys.length === 0 ? "an empty object" : `an object with ${keys.join(", ")}`}`;
  }
  const name = path.findLast((it) => typeof it === "string");
  if (typeof name === "string" && namesSecret(name)) return `found a ${typeof written}`;
  const text = JSON.stringify(written) ?? typeof written;
  return `found ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
}

/** The values that a schema allows, in words. */
function allowedBy(schema: Schema): string {
  const it = bare(schema);
  const title = z.globalRegistry.get(it)?.title;
  if (title !== undefined) return title;
  if (it instanceof z.ZodUnion) {
    const field = discriminatorOf(it);
    if (field !== null) return `an object with ${field} ${listed(wordsOf(it, field))}`;
    return [...new Set(it.options.map(allowedBy))].join(", or ");
  }
  if (it instanceof z.ZodLiteral && it.values.has(true)) return "true";
  if (it instanceof z.ZodEnum || it instanceof z.ZodLiteral) return listed(valuesOf(it));
  if (it instanceof z.ZodObject) return `an object with ${Object.keys(keysOf(it)).join(", ")}`;
  if (it instanceof z.ZodArray) return `a list, each ${allowedBy(it.element)}`;
  if (it instanceof z.ZodRecord) return `an object, each field ${allowedBy(it.valueType)}`;
  if (it instanceof z.ZodString) return "a string";
  if (it instanceof z.ZodNumber)
    return it.format?.includes("int") === true ? "a whole number" : "a number";
  if (it instanceof z.ZodBoolean) return "true or false";
  if (it instanceof z.ZodNull) return "null";
  if (it instanceof z.ZodCustom) return "a function";
  return it._zod.def.type;
}

/** Values of the discriminator of a union. */
function wordsOf(union: Schema, field: string): string[] {
  const it = bare(union);
  if (!(it instanceof z.ZodUnion)) return [];
  return it.options.flatMap((option) => {
    const word = keysOf(option)[field];
    if (word === undefined) return wordsOf(option, field);
    return word instanceof z.ZodLiteral || word instanceof z.ZodEnum ? valuesOf(word) : [];
  });
}

function valuesOf(it: z.ZodEnum | z.ZodLiteral): string[] {
  return it instanceof z.ZodEnum ? it.options.map(String) : [...it.values].map(String);
}

function listed(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(", ");
}
