/** An ability of a deployment. A scenario or checker that needs a missing one is skipped. */
interface CapabilityRow {
  /** What a scenario may do with it. */
  readonly means: string;
  /** How a target gets it, in Markdown. */
  readonly from: string;
}

/** All capabilities, in the order of docs/scenarios.md, which is generated from here. */
export const capabilityTable = {
  replicas: {
    means: "there are two replicas behind one address",
    from: "`kind: command`, or two addresses or a `pin`",
  },
  kill: {
    means: "a replica can be killed and started",
    from: "`kind: command`, or hooks `kill` and `start`",
  },
  terminate: {
    means: "a replica can be shut down with SIGTERM",
    from: "`kind: command`, or the hook `redeploy`",
  },
  pause: {
    means: "a replica can be frozen and continued",
    from: "`kind: command`, or hooks `pause` and `resume`",
  },
  isolate: { means: "a running replica can be cut off the network", from: "`--backend docker`" },
  clock: {
    means: "the clock of one replica can be set ahead",
    from: "`kind: command` with Node, or with libfaketime installed",
  },
  boot: {
    means: "replicas can be started at a chosen moment on a chosen database",
    from: "`kind: command`",
  },
  model: {
    means: "model calls are seen, and replies are scripted",
    from: "`${model}` in `env`, or `wires.model`",
  },
  "model-hold": {
    means: "a model reply can be held back",
    from: "`${model}` in `env`, or `wires.model`",
  },
  tools: {
    means: "tool calls are seen and counted",
    from: "`${tools}` in `env` or `wires.tools`, and `tools`",
  },
  state: { means: "a thread can be read", from: "`read`" },
  channels: {
    means: "reading a thread shows more of its state than messages",
    from: "`read.channels`",
  },
  delete: { means: "a thread can be deleted", from: "`delete`" },
  database: {
    means: "the database can be locked, slowed and filled",
    from: "`${database}` in `env`",
  },
  "database-cut": {
    means: "all replicas can be cut off the database",
    from: "`${database}` in `env`, or hooks `cutDatabase` and `healDatabase`",
  },
  "database-refuse": {
    means:
      "new database connections can be refused while open ones go on; not with `--backend docker`",
    from: "`${database}` in `env`",
  },
  statements: {
    means: "each SQL statement is seen, and can be held or failed",
    from: "`${database}` in `env`, unless `databaseTls: pass`",
  },
  "database-restart": {
    means: "the database server can be killed and started",
    from: "`${database}` in `env`",
  },
  survey: {
    means: "tables, rows and bytes can be counted",
    from: "`${database}` in `env`, or `database`",
  },
  retry: { means: "it is declared how a turn is repeated", from: "`retry` other than `none`" },
} as const satisfies Readonly<Record<string, CapabilityRow>>;

export type Capability = keyof typeof capabilityTable;
export const capabilities = Object.keys(capabilityTable) as [Capability, ...Capability[]];
