import type { Capability } from "../history/capability.ts";
import type { CommandTarget, Target, UrlTarget } from "./configuration.ts";

/** Why a target lacks each capability, with the remedy; null: the target has it. */
export type Lacks = Readonly<Record<Capability, string | null>>;

/** The available capabilities, in a fixed order. */
export function capabilitiesIn(lacks: Lacks): Capability[] {
  return (Object.keys(lacks) as Capability[]).filter((it) => lacks[it] === null);
}

/** Capabilities of a target on a backend that starts the service and its database. */
export function capabilitiesOf(target: CommandTarget): Capability[] {
  return capabilitiesIn(lacksOf(target));
}

/** The same, with the reasons for missing capabilities. */
export function lacksOf(target: CommandTarget): Lacks {
  const unused = (name: string): string | null =>
    Object.values(target.env).some((value) => value.includes(`\${${name}}`))
      ? null
      : `no variable in env contains \${${name}}`;
  return {
    replicas: null,
    kill: null,
    terminate: null,
    pause: null,
    clock: startsNode(target)
      ? null
      : "setting the clock of a program other than Node needs libfaketime: apt install faketime",
    boot: null,
    isolate: "only a container can be cut off the network: use --backend docker",
    model: unused("model"),
    "model-hold": unused("model"),
    tools: unused("tools") ?? toolsOf(target),
    database: unused("database"),
    "database-cut": unused("database"),
    "database-refuse": unused("database"),
    statements:
      unused("database") ??
      (target.databaseTls === "pass" ? "encrypted SQL is not visible: databaseTls is pass" : null),
    "database-restart": unused("database"),
    survey: unused("database"),
    ...talkLacksOf(target),
  };
}

/**
 * Missing capabilities of a target that is already deployed. `hooksAllowed`: whether a run may use
 * destructive hooks.
 */
export function deployedLacksOf(target: UrlTarget, hooksAllowed: boolean): Lacks {
  const { address, pin, hooks, wires, database } = target;
  const replicas = typeof address === "string" ? (pin?.replicas ?? []) : Object.keys(address);
  type Hook = keyof typeof hooks;
  const hooked = (...names: [Hook, ...Hook[]]): string | null => {
    const missing = names.filter((name) => hooks[name] === undefined);
    if (missing.length > 0) return `declare ${missing.map((it) => `hooks.${it}`).join(" and ")}`;
    return hooksAllowed ? null : `hooks.${names[0]} runs only with --allow-hooks`;
  };
  const model =
    wires.model === undefined ? "set wires.model, and configure the service to use it" : null;
  const tools =
    wires.tools === undefined ? "set wires.tools, and configure the service to use it" : null;
  const ours = "a deployed service has its own database";
  return {
    replicas: replicas.length > 1 ? null : "declare one address per replica, or pin",
    kill: hooked("kill", "start"),
    terminate: hooked("redeploy"),
    pause: hooked("pause", "resume"),
    clock: "threadproof cannot set the clock of a deployed service",
    boot: "threadproof cannot boot a deployed service",
    isolate: "threadproof cannot cut a deployed service off the network",
    model,
    "model-hold": model,
    tools: tools ?? toolsOf(target),
    database: ours,
    "database-cut": hooked("cutDatabase", "healDatabase"),
    "database-refuse": ours,
    statements: "threadproof sees SQL only if it starts the service: use kind command",
    "database-restart": ours,
    survey: database === undefined ? "declare database, with test: true" : null,
    ...talkLacksOf(target),
  };
}

/** Whether the command is Node, or a program that passes its environment to Node. */
function startsNode({ start }: CommandTarget): boolean {
  return /^(\S*\/)?(node|npm|npx|pnpm|yarn|tsx)\s/.test(start);
}

function toolsOf({ tools }: Target): string | null {
  return tools.length > 0 ? null : "list the tools in tools";
}

/** Capabilities that depend only on the declared requests. */
function talkLacksOf({ read, delete: deletes, retry }: Target) {
  return {
    state: read === undefined ? "declare read, the request that reads a thread" : null,
    channels:
      Object.keys(read?.channels ?? {}).length === 0
        ? "declare read.channels: other parts of the state that contain the last message"
        : null,
    delete: deletes === undefined ? "declare delete, the request that deletes a thread" : null,
    retry: retry === "none" ? "declare retry: how a client repeats a turn" : null,
  };
}
