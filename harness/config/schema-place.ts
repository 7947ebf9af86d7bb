import { z } from "zod";
import { nearest } from "./did-you-mean.ts";

export type Schema = z.core.$ZodType;

/** Without what wraps it: optional, nullable, with a default, … */
export function bare(schema: Schema): Schema {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodLazy
  ) {
    return bare(schema.unwrap());
  }
  return schema;
}

/** The schema of what stands at a path of a value; null: it has none. */
export function schemaAt(
  schema: Schema,
  value: unknown,
  path: readonly PropertyKey[],
): Schema | null {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const chosen = meant(schema, value);
  const next = chosen === null ? null : partOf(chosen, key);
  return next === null ? null : schemaAt(next, valueAt(value, [key]), rest);
}

/**
 * What a text stands for where no text is allowed: the number that it is, or true or false. Else it
 * stays as it is, and is told as a mistake.
 */
export function readAs(schema: Schema | null, text: string): unknown {
  if (schema === null || z.safeParse(schema, text).success) return text;
  return /^(true|false|-?\d+(\.\d+)?)$/.test(text) ? (JSON.parse(text) as unknown) : text;
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (it, key) =>
      typeof it === "object" && it !== null && Object.hasOwn(it, key)
        ? (it as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

function partOf(schema: Schema, key: PropertyKey): Schema | null {
  if (schema instanceof z.ZodObject) return keysOf(schema)[String(key)] ?? null;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  return null;
}

/** The fields of an object; empty for anything else. */
export function keysOf(schema: Schema): Readonly<Record<string, Schema>> {
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/**
 * Of several ways to write something, the one that was meant: of those that are for such a value at
 * all, the one with the fewest mistakes. Null: there is none.
 */
export function meant(schema: Schema, value: unknown): Schema | null {
  const it = bare(schema);
  if (!(it instanceof z.ZodUnion)) return it;
  const field = discriminatorOf(it);
  if (field !== null) {
    // Where no option has that name the mistake is the name, and none of them was meant.
    const isObject = typeof value === "object" && value !== null;
    return isObject ? (it.options.find((option) => isNamed(option, field, value)) ?? it) : null;
  }
  const ranked = it.options
    .flatMap((option) => meant(option, value) ?? [])
    .map((option) => ({ option, cost: costOf(option, value) }))
    .filter(({ cost }) => cost < Infinity)
    .toSorted((a, b) => a.cost - b.cost);
  return ranked[0]?.option ?? null;
}

/** The field by which the options of a union are told apart, where there is one. */
export function discriminatorOf(schema: Schema): string | null {
  const it = bare(schema);
  return it instanceof z.ZodDiscriminatedUnion ? it.def.discriminator : null;
}

/** Whether the field by which options are told apart says that it is this one. */
function isNamed(option: Schema, field: string, value: unknown): boolean {
  const word = keysOf(option)[field];
  return word !== undefined && z.safeParse(word, valueAt(value, [field])).success;
}

/** How much is wrong with a value; Infinity: it is of another kind altogether. */
function costOf(schema: Schema, value: unknown): number {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return 0;
  return parsed.error.issues.reduce((sum, issue) => sum + costOfIssue(issue, schema), 0);
}

function costOfIssue(issue: z.core.$ZodIssue, schema: Schema): number {
  const isOfAnotherKind =
    issue.path.length === 0 &&
    (issue.code === "invalid_type" || (issue.code === "custom" && schema instanceof z.ZodCustom));
  if (isOfAnotherKind) return Infinity;
  if (issue.code !== "unrecognized_keys") return 1;
  // A word that is nearly one of its own speaks for it.
  const known = Object.keys(keysOf(schema));
  return issue.keys.reduce((sum, key) => sum + (nearest(key, known) === null ? 1 : 0.5), 0);
}
