/** The ways to run a target that we start: the names that --backend takes. */
import { dockerEngine } from "../machine/docker/engine.ts";
import type { OpenBackendOptions, OpenedBackend } from "./backend.ts";
import { openProcessBackend } from "./process/open-process-backend.ts";

interface BackendKind {
  /** For the help of a command. */
  readonly says: string;
  /** Why this computer cannot run it, and what to do about it; null: it can. */
  unavailable(): Promise<string | null>;
  /** A line to print before it opens, if that can take minutes. */
  readonly preparing?: string;
  open(options: OpenBackendOptions): Promise<OpenedBackend>;
}

export const backends = {
  process: {
    says: "child processes on this computer",
    unavailable: async () => null,
    open: openProcessBackend,
  },
  docker: {
    says: "containers behind HAProxy and Toxiproxy",
    async unavailable() {
      const engine = await dockerEngine();
      return engine.ok ? null : engine.why;
    },
    preparing: "preparing containers; an image is built once per content …",
    async open(options) {
      // Loaded only if needed: its libraries take a third of a second.
      const { openDocker } = await import("./docker/docker-backend.ts");
      return openDocker(options);
    },
  },
} as const satisfies Record<string, BackendKind>;

export type BackendName = keyof typeof backends;

export const backendNames = Object.keys(backends) as BackendName[];

export const defaultBackend: BackendName = "process";

export function backendKind(name: BackendName): BackendKind {
  return backends[name];
}

/** The backend with a recorded name; the default if the name is unknown. */
export function backendNamed(name: string): BackendName {
  return backendNames.find((it) => it === name) ?? defaultBackend;
}
