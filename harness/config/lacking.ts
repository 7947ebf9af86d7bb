import type { Capability } from "../history/capability.ts";
import type { CommandTarget, Target, UrlTarget } from "./configuration.ts";

/** For each capability why a target lacks it, in words that say what to give; null: it has it. */
export type Lacks = Readonly<Record<Capability, string | null>>;

/** What is there, in a fixed order. */
export function capabilitiesIn(lacks: Lacks): Capability[] {
  return (Object.keys(lacks) as Capability[]).filter((it) => lacks[it] === null);
}

/** What a target can be asked for, on a backend that runs processes beside a database of ours. */
export function capabilitiesOf(target: CommandTarget): Capability[] {
  return capabilitiesIn(lacksOf(target));
}

/** The same, with the reasons. */
export function lacksOf(target: CommandTarget): Lacks {
  const unused = (name: string): string | null =>
    Object.values(target.env).some((value) => value.includes(`\${${name}}`))
      ? null
      : `no variable of its env has \${${name}}`;
  return {
    replicas: null,
    kill: null,
    terminate: null,
    pause: null,
    clock: startsNode(target)
      ? null
      : "a command that is not Node gets its clock set by libfaketime: apt install faketime",
    boot: null,
    isolate: "a process cannot be cut off the network by itself: use --backend docker",
    model: unused("model"),
    "model-hold": unused("model"),
    tools: unused("tools") ?? toolsOf(target),
    database: unused("database"),
    "database-cut": unused("database"),
    statements:
      unused("database") ??
      (target.databaseTls === "pass" ? "what is encrypted is not seen: databaseTls" : null),
    "database-restart": unused("database"),
    survey: unused("database"),
    ...talkLacksOf(target),
  };
}

/**
 * What a target that is deployed already can be asked for. `hooksAllowed`: those that end or
 * cut off something may be run.
 */
export function deployedLacksOf(target: UrlTarget, hooksAllowed: boolean): Lacks {
  const { address, pin, hooks, wires, database } = target;
  const replicas = typeof address === "string" ? (pin?.replicas ?? []) : Object.keys(address);
  type Hook = keyof typeof hooks;
  const hooked = (...names: [Hook, ...Hook[]]): string | null => {
    const missing = names.filter((name) => hooks[name] === undefined);
    if (missing.length > 0) return `give ${missing.map((it) => `hooks.${it}`).join(" and ")}`;
    return hooksAllowed ? null : `hooks.${names[0]} is run only with --allow-hooks`;
  };
  const model = wires.model === undefined ? "give wires.model, and tell the service of it" : null;
  const tools = wires.tools === undefined ? "give wires.tools, and tell the service of it" : null;
  const ours = "a service that is deployed already has a database of its own";
  return {
    replicas:
      replicas.length > 1 ? null : "give an address per replica, or a pin that chooses among them",
    kill: hooked("kill", "start"),
    terminate: hooked("redeploy"),
    pause: hooked("pause", "resume"),
    clock: "a service that is deployed already has a clock of its own",
    boot: "a service that is deployed already is not ours to boot",
    isolate: "a service that is deployed already cannot be cut off the network",
    model,
    "model-hold": model,
    tools: tools ?? toolsOf(target),
    database: ours,
    "database-cut": hooked("cutDatabase", "healDatabase"),
    statements: "statements are watched where we start the service: a target of kind command",
    "database-restart": ours,
    survey: database === undefined ? "give its database, marked as one for tests" : null,
    ...talkLacksOf(target),
  };
}

/** Node itself, or what is known to run it: the environment of one reaches the other. */
function startsNode({ start }: CommandTarget): boolean {
  return /^(\S*\/)?(node|npm|npx|pnpm|yarn|tsx)\s/.test(start);
}

function toolsOf({ tools }: Target): string | null {
  return tools.length > 0 ? null : "name its tools";
}

/** Those that depend on how one talks with it alone. */
function talkLacksOf({ read, delete: deletes, retry }: Target) {
  return {
    state: read === undefined ? "give read, the request that reads a thread" : null,
    channels:
      Object.keys(read?.channels ?? {}).length === 0
        ? "give read.channels: where else in the state stands what was said last"
        : null,
    delete: deletes === undefined ? "give delete, the request that deletes a thread" : null,
    retry: retry === "none" ? "say how a turn is repeated: retry" : null,
  };
}
