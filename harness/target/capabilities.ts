import type { Capability } from "../history.ts";
import type { CommandTarget, Target } from "./configuration.ts";

/** What a target can be asked for, on a backend that runs processes beside a database of ours. */
export function capabilitiesOf(target: CommandTarget): Capability[] {
  const uses = (name: string): boolean =>
    Object.values(target.env).some((value) => value.includes(`\${${name}}`));
  return [
    "replicas",
    "kill",
    "terminate",
    "pause",
    "boot",
    ...(uses("model") ? (["model", "model-hold"] as const) : []),
    ...(uses("tools") && target.tools.length > 0 ? (["tools"] as const) : []),
    ...(uses("database") ? (["database", "database-restart"] as const) : []),
    ...talkCapabilitiesOf(target),
  ];
}

/** Those that depend on how one talks with it alone. */
export function talkCapabilitiesOf(target: Target): Capability[] {
  return [
    "memory",
    ...(target.read === undefined ? [] : (["state"] as const)),
    ...(target.delete === undefined ? [] : (["delete"] as const)),
    ...(target.retry === "none" ? [] : (["retry"] as const)),
  ];
}
