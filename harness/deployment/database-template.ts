import type { Backend } from "./backend.ts";
import type { Event } from "../history/history.ts";
import type { Database } from "../machine/postgres/database.ts";
import type { Cluster } from "../machine/postgres/cluster.ts";
import type { Target } from "../config/configuration.ts";
import { TargetFailure } from "../config/target-failure.ts";

interface NamedTarget {
  readonly name: string;
  readonly definition: Target;
}

interface DatabaseOptions {
  readonly backend: Backend;
  readonly cluster: Cluster;
  readonly target: NamedTarget;
}

/**
 * A database for one scenario: empty, or a clone of the target's migrated template. The first use
 * creates the template: with the target's migration, or by starting and ending one replica on it.
 * @throws TargetFailure if the migration or that start fails.
 */
export async function openDatabase(
  of: "template" | "nothing",
  { backend, cluster, target }: DatabaseOptions,
): Promise<Database> {
  if (of === "nothing") return cluster.create();
  return cluster.create({ template: await createTemplate(backend, cluster, target) });
}

/** Creates the template of a target once, and returns its name. */
export async function createTemplate(
  backend: Backend,
  cluster: Cluster,
  target: NamedTarget,
): Promise<string> {
  try {
    await cluster.template(target.name, (url) => migrate(backend, target, url));
  } catch (error) {
    // The cluster wraps the error; the user needs the target's own message.
    const { cause } = error as { cause?: unknown };
    throw cause instanceof TargetFailure ? cause : error;
  }
  return target.name;
}

async function migrate(backend: Backend, target: NamedTarget, database: string): Promise<void> {
  // A replica name that every ingress accepts.
  const name = "a";
  const { definition } = target;
  await using site = await backend.open({
    target: definition,
    replicas: [name],
  });
  await using wire = await site.databaseWire(new URL(database));
  const events: Event[] = [];
  const launch = {
    name,
    boot: 0,
    environment: {},
    names: {
      replica: name,
      database: wire.through(database),
      model: "http://127.0.0.1:9",
      tools: "http://127.0.0.1:9",
    },
    // A migration belongs to no scenario, so its entries belong to no history.
    recorder: {
      record(event: Event) {
        events.push(event);
        return { seq: events.length, at: 0, ...event };
      },
    },
  };
  if (definition.kind === "command" && definition.migrate !== undefined) {
    return await site.migrate(launch).catch((cause: Error) => {
      throw new TargetFailure(cause.message, { cause });
    });
  }
  await using replica = await site.replica(launch);
  if (await replica.start()) return;
  const unready = events.findLast((it) => it.kind === "replica.unready");
  const why = unready?.why ?? "no reason given";
  throw new TargetFailure(`it did not become ready on an empty database: ${why}`);
}
