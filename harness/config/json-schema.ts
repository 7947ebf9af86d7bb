import { z } from "zod";
import { configuration } from "./configuration.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema of a configuration file, for editors. It omits functions, which only TypeScript
 * can express.
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
      // Not a standard format; the pattern has the same meaning.
      if (jsonSchema.format === "starts_with") delete jsonSchema.format;
      if (jsonSchema.format === "uri") {
        delete jsonSchema.format;
        jsonSchema.pattern = "^(https?://|\\$\\{env:)";
      }
      if (mayBeFromEnvironment(zodSchema)) allowEnvironment(jsonSchema);
      describeDefault(jsonSchema);
    },
  });
}

/** Except for `kind`, because it selects the option of a union. */
function mayBeFromEnvironment(it: z.core.$ZodType): boolean {
  if (it instanceof z.ZodLiteral) return it.values.has(true);
  return it instanceof z.ZodNumber || it instanceof z.ZodBoolean || it instanceof z.ZodEnum;
}

const fromEnvironment = { type: "string", pattern: "^\\$\\{env:.+\\}$" } as const;

/** Allows `${env:NAME}` as the whole value, in addition to the type. */
function allowEnvironment(schema: JsonSchema): void {
  const { type, ...others } = schema;
  // A derived schema inherits the alternative from its base.
  if (type === undefined) return;
  for (const name of Object.keys(schema)) delete schema[name];
  const { title, description, ...own } = others;
  Object.assign(schema, {
    anyOf: [{ type, ...own }, fromEnvironment],
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  });
}

/** Adds the default to the description, because few editors show it. */
function describeDefault(schema: JsonSchema): void {
  const { description, default: usual } = schema;
  if (description === undefined || usual === undefined || isEmptyObject(usual)) return;
  const says = Array.isArray(usual) && usual.length === 0 ? "none" : JSON.stringify(usual);
  const sentence = ` Default: ${says}.`;
  if (!description.endsWith(sentence)) schema.description = `${description}${sentence}`;
}

/** An empty object as default means that each field has its own default. */
function isEmptyObject(value: unknown): boolean {
  return JSON.stringify(value) === "{}";
}
