import type { Target } from "../../config/configuration.ts";
import { Bundles } from "../../machine/bundle.ts";
import { startPostgres } from "../../machine/postgres/postgres-server.ts";
import type { OpenBackendOptions, OpenedBackend } from "../backend.ts";
import { Builds } from "../builds.ts";
import { processBackend } from "./process-backend.ts";

/** Builds the targets first: a build and a database server would slow each other down. */
export async function openProcessBackend(options: OpenBackendOptions): Promise<OpenedBackend> {
  const { scratch, watchdog, folder, targets } = options;
  const bundles = new Bundles(folder, scratch.folder("bundles"));
  const builds = new Builds({ ...options, scratch: scratch.folder("builds") });
  await prepare(targets, builds, bundles);
  const backend = processBackend({
    ...{ watchdog, folder, ownDatabase: options.ownDatabase },
    scratch: scratch.folder("target"),
    build: (target) => builds.of(target),
    commandLine: (line) => bundles.fill(line),
  });
  const stop = async () => backend[Symbol.asyncDispose]();
  return {
    ...{ backend, stop, [Symbol.asyncDispose]: stop },
    startPostgres: () => startPostgres({ scratch, watchdog }),
  };
}

/** Runs the builds of the targets, and starts the bundles in their command lines. */
async function prepare(
  targets: readonly Target[],
  builds: Builds,
  bundles: Bundles,
): Promise<void> {
  const started = targets.filter((it) => it.kind === "command");
  // One after the other: each build uses the whole machine.
  for (const target of started) await builds.of(target);
  const lines = started.flatMap((it) => [it.migrate ?? "", it.start]);
  // A failed bundle is reported when a replica needs it.
  for (const line of lines) bundles.fill(line).catch(() => {});
}
