import { Command } from "commander";
import { configurationJsonSchema } from "../config/json-schema.ts";

export function schemaCommand(): Command {
  return new Command("schema")
    .description("Prints the JSON Schema of a configuration, for editors and for other checkers.")
    .addHelpText(
      "after",
      `
It comes with the package too, as threadproof/schema.json. The first line of a YAML file names it:

  # yaml-language-server: $schema=./node_modules/threadproof/harness/config/configuration.schema.json

Examples:
  threadproof schema > threadproof.schema.json`,
    )
    .action(() => {
      console.log(JSON.stringify(configurationJsonSchema(), null, 2));
    });
}
