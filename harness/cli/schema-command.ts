import { Command } from "commander";
import { configurationJsonSchema } from "../config/json-schema.ts";

export function schemaCommand(): Command {
  return new Command("schema")
    .description("Print the JSON Schema of a configuration, for editors and validators.")
    .addHelpText(
      "after",
      `
The package contains the schema as schema.json. Refer to it in the first line of a YAML file:

  # yaml-language-server: $schema=./node_modules/threadproof/schema.json

Examples:
  threadproof schema > threadproof.schema.json`,
    )
    .action(() => {
      console.log(JSON.stringify(configurationJsonSchema(), null, 2));
    });
}
