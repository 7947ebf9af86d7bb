import { z } from "zod";
import { nearest } from "./did-you-mean.ts";

export type Schema = z.core.$ZodType;

/** The schema without its wrappers: optional, nullable, default, … */
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

/** The schema of the value at a path; null: no schema. */
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
 * Converts a string to a number or a boolean if the schema allows no string. A string that cannot
 * be converted stays unchanged, so validation reports it.
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
 * The option of a union that was probably meant: among the options for this type of value, the one
 * with the fewest mistakes. Null: no option is for this type.
 */
export function meant(schema: Schema, value: unknown): Schema | null {
  const it = bare(schema);
  if (!(it instanceof z.ZodUnion)) return it;
  const field = discriminatorOf(it);
  if (field !== null) {
    // If no option has this discriminator, the mistake is the discriminator itself.
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

/** The discriminator of a union; null: it has none. */
export function discriminatorOf(schema: Schema): string | null {
  const it = bare(schema);
  return it instanceof z.ZodDiscriminatedUnion ? it.def.discriminator : null;
}

/** Whether the discriminator of the value selects this option. */
function isNamed(option: Schema, field: string, value: unknown): boolean {
  const word = keysOf(option)[field];
  return word !== undefined && z.safeParse(word, valueAt(value, [field])).success;
}

/** A weight of the mistakes in a value; Infinity: the value has another type. */
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
  // A misspelled field makes this option more likely than an unrelated one.
  const known = Object.keys(keysOf(schema));
  return issue.keys.reduce((sum, key) => sum + (nearest(key, known) === null ? 1 : 0.5), 0);
}
