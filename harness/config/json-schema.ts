import { z } from "zod";
import { configuration } from "./configuration.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema of a configuration as it is written: for editors, and for those who write YAML.
 * What only TypeScript can express, a function, is left out.
 */
export function configurationJsonSchema(): object {
  return z.toJSONSchema(configuration, {
    io: "input",
    unrepresentable: "any",
    reused: "ref",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodUnion) {
        const all = jsonSchema.anyOf ?? [];
        const isWritten = (_: unknown, index: number): boolean =>
          !(zodSchema.options[index] instanceof z.ZodCustom);
        if (all.length > 0) jsonSchema.anyOf = all.filter(isWritten);
      }
      // No format of the standard; what it says stands in the pattern.
      if (jsonSchema.format === "starts_with") delete jsonSchema.format;
      if (jsonSchema.format === "uri") {
        delete jsonSchema.format;
        jsonSchema.pattern = "^(https?://|\\$\\{env:)";
      }
      if (mayBeFromEnvironment(zodSchema)) allowEnvironment(jsonSchema);
      tellDefault(jsonSchema);
    },
  });
}

/** A kind may not: by it the ways to write something are told apart. */
function mayBeFromEnvironment(it: z.core.$ZodType): boolean {
  if (it instanceof z.ZodLiteral) return it.values.has(true);
  return it instanceof z.ZodNumber || it instanceof z.ZodBoolean || it instanceof z.ZodEnum;
}

const fromEnvironment = { type: "string", pattern: "^\\$\\{env:.+\\}$" } as const;

/** Beside what is allowed `${env:NAME}` is, as a whole. */
function allowEnvironment(schema: JsonSchema): void {
  const { type, ...others } = schema;
  // One that was derived from another has it from there.
  if (type === undefined) return;
  for (const name of Object.keys(schema)) delete schema[name];
  const { title, description, ...own } = others;
  Object.assign(schema, {
    anyOf: [{ type, ...own }, fromEnvironment],
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  });
}

/** Few editors show a default beside what they show of a field. */
function tellDefault(schema: JsonSchema): void {
  const { description, default: usual } = schema;
  if (description === undefined || usual === undefined || isEmptyObject(usual)) return;
  const says = Array.isArray(usual) && usual.length === 0 ? "none" : JSON.stringify(usual);
  const sentence = ` Default: ${says}.`;
  if (!description.endsWith(sentence)) schema.description = `${description}${sentence}`;
}

/** Each field of it has a default of its own. */
function isEmptyObject(value: unknown): boolean {
  return JSON.stringify(value) === "{}";
}
