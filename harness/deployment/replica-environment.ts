import type { Environment, Launch } from "./replica.ts";
import type { CommandTarget } from "../config/configuration.ts";
import { fillText } from "../config/template.ts";

/**
 * The environment of a replica: the target's, then that of a variant, with the templates filled.
 */
export function environmentOf(
  target: CommandTarget,
  launch: Launch,
  names: Readonly<Record<string, string>>,
): Environment {
  return filled({ ...target.env, ...launch.environment }, names);
}

export function filled(
  environment: Environment,
  names: Readonly<Record<string, string>>,
): Environment {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, fillText(value, names)]),
  );
}
