import type { Environment, Launch } from "../replica.ts";
import type { Container, Containers } from "../../machine/docker/containers.ts";
import type { HaProxy } from "../../machine/docker/haproxy-container.ts";
import type { CommandTarget } from "../../config/configuration.ts";
import { isReady, type Ready } from "../../config/ready.ts";
import { methodAndPath } from "../../config/request.ts";
import { headers } from "../../wires/headers.ts";
import { clockEnvironment } from "../clock.ts";
import { environmentOf, filled } from "../replica-environment.ts";
import type { Output } from "../../machine/output.ts";
import { probe, type Probed } from "../../machine/probe.ts";
import { type Exit, type Life, SupervisedReplica } from "../supervised-replica.ts";
import { stopped } from "../../machine/stopped.ts";

/** `${scratch}` inside a container: removed with it. */
const scratch = "/tmp";

export interface Place {
  readonly target: CommandTarget;
  readonly containers: Containers;
  readonly proxy: HaProxy;
  readonly image: string;
}

/** A replica: successive containers with the same name. */
export class DockerReplica extends SupervisedReplica {
  constructor(launch: Launch, place: Place) {
    const body = new Contained(launch, place);
    super(launch, body);
    this.#body = body;
  }

  readonly #body: Contained;

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#body[Symbol.asyncDispose]();
  }
}

class Contained implements AsyncDisposable {
  readonly ready: Ready;
  readonly drainMs: number;
  readonly #launch: Launch;
  readonly #place: Place;
  #container: Container | null = null;

  constructor(launch: Launch, place: Place) {
    this.ready = place.target.ready;
    this.drainMs = place.target.promises.drainMs;
    this.#launch = launch;
    this.#place = place;
  }

  async begin(environment: Environment, output: Output): Promise<Life> {
    // The name is free again and its files are gone, as with every orchestrator.
    await this.#container?.[Symbol.asyncDispose]();
    const { target, containers, proxy, image } = this.#place;
    const { command } = target.container ?? {};
    const all = { ...insideOf(target, this.#launch), ...environment };
    let container: Container;
    try {
      container = await containers.run({
        name: proxy.nameOf(this.#launch.name),
        image,
        environment: all,
        ...(command === undefined ? {} : { command }),
        output,
      });
    } catch (cause) {
      output.add(
        `cannot start ${image}: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
      const ended = Promise.resolve({ code: null, signal: null });
      return { pid: null, environment: all, ended, send: () => {} };
    }
    this.#container = container;
    const { pid } = container;
    return {
      pid,
      environment: all,
      ended: container.ended.then(exitOf),
      isolate: () => containers.cutOff(container),
      async send(signal) {
        await container.kill(signal);
        if (signal === "SIGSTOP" || signal === "SIGCONT") await stopped(pid, signal === "SIGSTOP");
      },
    };
  }

  clock(aheadMs: number): Environment {
    // A library may be missing inside the image.
    return clockEnvironment(aheadMs, null, insideOf(this.#place.target, this.#launch));
  }

  /** Checks through the proxy: a replica is ready only if the proxy's own check agrees. */
  async look(timeoutMs: number): Promise<Probed | null> {
    const { name } = this.#launch;
    const { proxy } = this.#place;
    const { method, path } = methodAndPath(this.ready);
    const seen = await probe(new URL(path, proxy.url), method, timeoutMs, { [headers.on]: name });
    if (seen === null || seen.headers[headers.unsent] !== undefined) return null;
    if (!isReady(this.ready, seen)) return seen;
    return (await proxy.believedReady()).has(name) ? seen : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container?.[Symbol.asyncDispose]();
  }
}

/** The environment of a container: the target's, with the container's own values on top. */
export function insideOf(target: CommandTarget, launch: Launch): Environment {
  const names = { ...launch.names, port: String(portOf(target)), scratch };
  const own = filled(target.container?.env ?? {}, names);
  return { ...environmentOf(target, launch, names), ...own };
}

export function portOf({ container }: CommandTarget): number {
  return container?.port ?? 3000;
}

/** Engines report 128 + n for a process that a signal ended; only 9 is unambiguous. */
function exitOf(code: number): Exit {
  return code === 137 ? { code: null, signal: "SIGKILL" } : { code, signal: null };
}
