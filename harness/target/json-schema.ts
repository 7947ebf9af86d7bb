import { z } from "zod";
import { configuration } from "./configuration.ts";

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
    },
  });
}
