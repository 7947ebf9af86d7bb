import { Command } from "commander";
import { configOption } from "./options.ts";
import { loadConfig, loadScenariosFor } from "./load-config.ts";

export function listCommand(): Command {
  return new Command("list")
    .description("List scenarios with their claims, and targets with their variants.")
    .option("--json", "print {scenarios: [{name, claim, needs}], targets: [{name, variants}]}")
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Examples:
  threadproof list
  threadproof list --json | jq -r '.scenarios[].name'`,
    )
    .action(list);
}

async function list(flags: { readonly json?: boolean; readonly config?: string }): Promise<void> {
  const loaded = await loadConfig(flags.config ?? null);
  const { configuration } = loaded;
  const scenarios = (await loadScenariosFor(loaded)).map(
    ({ name, definition: { claim, needs } }) => ({
      name,
      claim,
      needs,
    }),
  );
  const targets = Object.entries(configuration.targets).map(([name, target]) => ({
    name,
    variants: Object.entries(target.variants).map(([variant, { about, breaks }]) => ({
      name: variant,
      about,
      breaks: Object.keys(breaks),
    })),
  }));
  if (flags.json === true) {
    console.log(JSON.stringify({ scenarios, targets }, null, 2));
    return;
  }
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  console.log("Scenarios");
  for (const { name, claim } of scenarios) console.log(`  ${name.padEnd(width)}  ${claim}`);
  for (const { name, variants } of targets) {
    console.log(`\nTarget ${name}`);
    const longest = Math.max(0, ...variants.map((it) => it.name.length));
    for (const variant of variants)
      console.log(`  ${variant.name.padEnd(longest)}  ${variant.about}`);
  }
}
