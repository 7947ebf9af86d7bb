import type { Ground } from "./ground.ts";
import type { Event } from "./history.ts";
import type { Target } from "./target.ts";

interface NamedTarget {
  readonly name: string;
  readonly definition: Target;
}

/**
 * A migrated database per target, made at its first use and cloned for each scenario: by the
 * target's own migration, or else by booting one replica on it and ending it again.
 */
export function createTemplate(ground: Ground) {
  return async (target: NamedTarget): Promise<string> => {
    await ground.cluster.template(target.name, (url) => migrate(ground, target, url));
    return target.name;
  };
}

async function migrate({ backend }: Ground, target: NamedTarget, database: string): Promise<void> {
  const events: Event[] = [];
  const launch = {
    name: "migration",
    boot: 0,
    target: target.definition,
    environment: {},
    names: {
      replica: "migration",
      database,
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
  if (target.definition.migrate !== undefined) return backend.migrate(launch);
  await using replica = await backend.replica(launch);
  if (await replica.start()) return;
  const unready = events.findLast((it) => it.kind === "replica.unready");
  throw new Error(
    `target "${target.name}" did not become ready on an empty database: ${unready?.why ?? "no reason given"}`,
  );
}
