import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Conversation, type ConversationOptions } from "../client/conversation.ts";
import type { ConversationContext } from "../client/conversation-context.ts";
import { HttpClient } from "../client/http-client.ts";
import { MemoryProbe } from "../client/memory-probe.ts";
import { OneAtATime } from "../client/one-at-a-time.ts";
import type { Backend } from "../deployment/backend.ts";
import { Deployment, type DeploymentOptions } from "../deployment/deployment.ts";
import type { HeldFault } from "../deployment/fault.ts";
import { runContext, type RunContext } from "../deployment/run-context.ts";
import type { Acts } from "../history/acts.ts";
import { formatPoint, parsePoint } from "../history/point.ts";
import type { Recording } from "../history/recording.ts";
import type { Turn } from "../history/turn.ts";
import type { Held } from "../wires/hold.ts";
import { Injections } from "./injections.ts";
import type { Stage } from "./scenario.ts";
import { untilQuiet } from "./until-quiet.ts";

export interface StageOptions
  extends
    Pick<RunContext, "target" | "random" | "recording">,
    Pick<DeploymentOptions, "environment" | "openDatabase" | "server"> {
  readonly backend: Backend;
  /** With the capability "statements": every SQL statement is recorded and can be held. */
  readonly isWatched?: boolean;
}

/** A stage with the parts that the engine uses. Disposing ends everything started on it. */
export interface OpenStage extends Stage, AsyncDisposable {
  readonly deployment: Deployment;
  /** `name`: by default "c1", "c2", … */
  conversation(options?: ConversationOptions, name?: string): Conversation;
  /** All conversations so far. */
  readonly conversations: readonly Conversation[];
  readonly context: ConversationContext;
  /** Ends every hold, heals every fault, and waits until every replica is ready. */
  heal(): Promise<void>;
}

/** Prepares a deployment, without booting it. */
export async function openStage(options: StageOptions): Promise<OpenStage> {
  const { target, backend, recording, random, isWatched = false } = options;
  const runId = randomBytes(4).toString("hex");
  const shared = runContext({ target, runId, random, recording, isWatched });
  const { acts, holds } = shared;
  const { replicas, capabilities, experiment } = recording.header;
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await backend.open({ target, replicas }));
  const deployment = stack.use(new Deployment(shared, { ...options, site, replicas }));
  const client = stack.use(new HttpClient(() => deployment.wires.ingress.url));
  const memory = new MemoryProbe(capabilities);
  const gate = experiment === "one turn at a time" ? new OneAtATime() : null;
  const context: ConversationContext = { ...shared, deployment, client, memory, gate };
  const conversations: Conversation[] = [];
  const injections = new Injections(deployment, recording);
  const owned = stack.move();
  const act = <T>(does: string, given: readonly unknown[], body: (act?: number) => T): T =>
    acts.run({ of: "stage", does, with: given }, body);
  return {
    ...{ deployment, conversations, context, random },
    conversation: (given = {}, name = `c${conversations.length + 1}`) =>
      act("conversation", [written(given, conversations)], () => {
        const made = new Conversation(name, context, given);
        conversations.push(made);
        return made;
      }),
    hold: (turn, point, settings) => {
      const place = typeof point === "string" ? parsePoint(point) : point;
      return act("hold", [turn, formatPoint(place), settings], (number) => {
        // In an experiment without faults, or without overlapping turns, no turn is caught midway.
        const isLeftOut = experiment !== null && experiment !== "one replica";
        const isHeld = place.at !== "model" || capabilities.includes("model-hold");
        const held = isLeftOut
          ? leftOut
          : isHeld
            ? holds.hold(turn, place, settings)
            : underWay(turn, recording);
        return recordedHold(held, acts, number);
      });
    },
    inject: (fault) =>
      act("inject", [{ $fault: fault.kind, from: fault.args }], async (number) =>
        recordedFault(await injections.inject(fault), acts, number),
      ),
    boot: (on, how) => act("boot", [on, how], () => deployment.boot(on, how)),
    restart: (replica) => act("restart", [replica], () => deployment.restart(replica)),
    recovered: (replica) => act("recovered", [replica], () => replica.recovered()),
    survey: (label, how) => act("survey", [label, how], () => deployment.survey(label, how)),
    untilSaved: () => act("untilSaved", [], async () => shared.statements?.untilSaved()),
    untilQuiet: (ms) => act("untilQuiet", [ms], () => untilQuiet(recording, ms)),
    async heal() {
      holds.release();
      await injections.heal();
      await deployment.recover();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A stray thread id that belongs to another conversation is recorded as that conversation's. */
function written(given: ConversationOptions, conversations: readonly Conversation[]): object {
  const id = given.stray?.threadId;
  const owner = id == null ? undefined : conversations.find(({ threadId }) => threadId === id);
  return owner === undefined ? given : { ...given, stray: { threadId: { $thread: owner.name } } };
}

/** Records the calls on a hold as acts that refer to the act which made the hold. */
function recordedHold(held: Held, acts: Acts, act?: number): Held {
  const of = `act ${act}`;
  return {
    reached: () => acts.run({ of, does: "reached", with: [] }, () => held.reached()),
    [Symbol.dispose]: () =>
      acts.run({ of, does: "dispose", with: [] }, () => held[Symbol.dispose]()),
  };
}

function recordedFault<Holding extends HeldFault>(
  held: Holding,
  acts: Acts,
  act?: number,
): Holding {
  const of = `act ${act}`;
  const { reached } = held;
  return {
    ...held,
    ...(reached === undefined
      ? {}
      : { reached: () => acts.run({ of, does: "reached", with: [] }, () => reached()) }),
    [Symbol.asyncDispose]: () =>
      acts.run({ of, does: "dispose", with: [] }, async () => held[Symbol.asyncDispose]()),
  };
}

/** Replaces a hold in an experiment without one. */
const leftOut: Held = { reached: async () => null, [Symbol.dispose]: () => {} };

/** Replaces a hold if the harness cannot hold model calls: it waits until the turn begins. */
function underWay(turn: Turn, recording: Recording): Held {
  const hasBegun = () =>
    recording.entries.some((it) => it.kind === "attempt.begin" && it.turn === turn.name);
  const deadline = performance.now() + underWayMs;
  return {
    reached: async () => {
      while (!hasBegun() && performance.now() < deadline) await delay(5);
      return null;
    },
    [Symbol.dispose]: () => {},
  };
}

/** The longest wait for a turn to begin, in milliseconds. */
const underWayMs = 30_000;
