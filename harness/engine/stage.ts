import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Backend } from "../deployment/backend.ts";
import { Conversation, type ConversationOptions } from "../client/conversation.ts";
import { Deployment, type DeploymentOptions } from "../deployment/deployment.ts";
import { lull } from "./until-quiet.ts";
import type { Recording } from "../history/recording.ts";
import { Injections } from "./injections.ts";
import type { Stage } from "./scenario.ts";
import { Sight } from "../client/memory-probe.ts";
import { Wire } from "../client/http-client.ts";
import { type Turn, Turns } from "../history/turn.ts";
import { type Held, Holds } from "../wires/hold.ts";
import { SideCalls } from "../wires/model/side-calls.ts";
import { Statements } from "../wires/database/statements.ts";

export interface StageOptions extends Pick<
  DeploymentOptions,
  "target" | "environment" | "random" | "openDatabase" | "server"
> {
  readonly backend: Backend;
  /** Its header names the replicas, and the run. */
  readonly recording: Recording;
  /** With the capability "statements": each of them is seen. */
  readonly isWatched?: boolean;
}

/** A stage with what stands behind it. Dispose ends all that was started on it. */
export interface OpenStage extends Stage, AsyncDisposable {
  /** `name`: without one they are "c1", "c2", … */
  conversation(options?: ConversationOptions, name?: string): Conversation;
  /** All that there have been. */
  readonly conversations: readonly Conversation[];
  readonly holds: Holds;
  /** Heals every fault and every replica. */
  heal(): Promise<void>;
  readonly sides: SideCalls;
  readonly sight: Sight;
  readonly wire: Wire;
}

/** A hold that is not reached after this long has bitten nothing, in milliseconds. */
const holdDeadlineMs = 30_000;

/** Makes the place for a deployment; it is not booted yet. */
export async function openStage(options: StageOptions): Promise<OpenStage> {
  const { target, backend, random, recording } = options;
  const { replicas, run: id } = recording.header;
  const run = randomBytes(4).toString("hex");
  const turns = new Turns(random.fork(id), run);
  const holds = new Holds(recording, holdDeadlineMs);
  const sides = new SideCalls();
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await backend.open({ target, replicas, random }));
  const isRunning = (name: string): boolean =>
    deployment.replicas.some((replica) => replica.name === name && replica.running);
  const shared = { turns, holds, recorder: recording };
  const statements = options.isWatched === true ? new Statements({ ...shared, isRunning }) : null;
  const deployment = stack.use(
    new Deployment({ ...options, ...shared, site, replicas, sides, statements }),
  );
  const wire = stack.use(new Wire(() => deployment.ingress));
  const sight = new Sight(recording.header.capabilities);
  const around = { target, deployment, wire, turns, holds, recording, sight, run };
  const conversations: Conversation[] = [];
  const injections = new Injections(deployment, recording);
  const owned = stack.move();
  return {
    deployment,
    conversations,
    holds,
    sides,
    sight,
    wire,
    random,
    conversation(given = {}, name = `c${conversations.length + 1}`) {
      const made = new Conversation(name, around, given);
      conversations.push(made);
      return made;
    },
    inject: (fault) => injections.inject(fault),
    async heal() {
      holds.release();
      await injections.heal();
      await deployment.recover();
    },
    quiet: async () => statements?.quiet(),
    async lull(ms) {
      await lull(recording, ms);
    },
    hold: (turn, point, settings) =>
      point.startsWith("model call ") && !recording.header.capabilities.includes("model-hold")
        ? underWay(turn, recording)
        : holds.hold(turn, point, settings),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** In place of a hold where answers cannot be held: the turn is under way, for as long as it is. */
function underWay(turn: Turn, recording: Recording): Held {
  const hasBegun = () =>
    recording.entries.some((it) => it.kind === "attempt.begin" && it.turn === turn.name);
  const deadline = performance.now() + holdDeadlineMs;
  return {
    reached: async () => {
      while (!hasBegun() && performance.now() < deadline) await delay(5);
      return null;
    },
    [Symbol.dispose]: () => {},
  };
}
