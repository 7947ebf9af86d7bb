/** Options that several commands share, so that their help texts are the same. */
import { InvalidArgumentError, Option } from "commander";
import { backendKind, backendNames } from "../deployment/backends.ts";
import { configurationExtensions } from "../engine/load.ts";

const extensions = configurationExtensions.map((it) => it.slice(1)).join(",");

export function configOption(): Option {
  return new Option(
    "--config <file>",
    `the configuration (default: threadproof.config.{${extensions}} in this folder)`,
  );
}

export function backendOption(says: string): Option {
  const all = backendNames.map((name) => `${name}: ${backendKind(name).says}`).join("; ");
  return new Option("--backend <name>", `${says} (${all})`).choices(backendNames);
}

export function verboseOption(): Option {
  return new Option("--verbose", "print every cause, figure and reason instead of one screen");
}

/** An option that can be given several times; `without` describes its default. */
export function severalOption(flags: string, says: string, without: string): Option {
  return new Option(flags, `${says}; can be given several times`)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], without);
}

/** For an option that takes a whole number. */
export function wholeNumber(least: number) {
  return (value: string): number => {
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= least && /^\d+$/.test(value)) return number;
    throw new InvalidArgumentError(`it must be a whole number, at least ${least}.`);
  };
}
