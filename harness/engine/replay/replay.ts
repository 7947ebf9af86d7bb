import type { Conversation } from "../../client/conversation.ts";
import type { Fault } from "../../deployment/fault.ts";
import * as faults from "../../faults/registry.ts";
import type { History } from "../../history/history.ts";
import type { Turn } from "../../history/turn.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { followsSchedule } from "./follows-schedule.ts";
import { type Schedule, type ScheduledAct, scheduleOf } from "./schedule.ts";
import { type Meanings, resolved } from "./terms.ts";

/**
 * A scenario that repeats the acts of a recorded run. Each act begins when all acts that ended
 * before it in the record have ended. Requests go to the replica that served them in the record.
 * Concurrent turns without a hold still race.
 */
export function replayOf(history: History, original: Scenario): Scenario {
  const schedule = scheduleOf(history);
  return {
    ...original,
    run: (stage) => new Replay(history.header.replicas, stage).play(schedule),
    checks: [...original.checks, followsSchedule(history)],
  };
}

/** Faults by kind. The compiler checks that each is exported under the name of its kind. */
const makers = { ...faults } satisfies {
  readonly [Kind in keyof typeof faults]: { readonly kind: Kind };
};

/** Whether threadproof has a fault of this kind. */
export function isKnownFault(kind: string): kind is keyof typeof makers {
  return Object.hasOwn(makers, kind);
}

type Method = (...given: unknown[]) => unknown;

/** The index of the options with `on` in the arguments of each method that sends requests. */
const optionsAt: Readonly<Record<string, number>> = {
  say: 1,
  insist: 1,
  retry: 0,
  resume: 0,
  read: 0,
  recall: 0,
  readUntilReplied: 0,
};

class Replay implements Meanings {
  readonly #replicas: readonly string[];
  readonly #stage: Stage;
  /** Conversations, holds and faults, by the names that the record gives them. */
  readonly #results = new Map<string, object>();
  readonly #turns = new Map<string, Turn>();
  readonly #ends = new Map<number, Promise<void>>();

  constructor(replicas: readonly string[], stage: Stage) {
    this.#replicas = replicas;
    this.#stage = stage;
  }

  async play({ acts, last }: Schedule): Promise<void> {
    for (const act of acts) {
      await this.#ended(act.after);
      const end = this.#do(act);
      // Mark the promise handled: it may reject before an act awaits it.
      end.catch(() => {});
      this.#ends.set(act.act, end);
    }
    await this.#ended(last);
  }

  async #ended(acts: readonly number[]): Promise<void> {
    for (const act of acts) await this.#ends.get(act);
  }

  /** Starts an act without awaiting its end, because the next act may overlap with it. */
  async #do(act: ScheduledAct): Promise<void> {
    try {
      const of = this.named(act.of);
      this.#remember(act.of, of);
      const given = this.#pinned(
        act,
        act.with.map((it) => resolved(it, this)),
      );
      const result = await Reflect.apply(methodOf(of, act.does), of, given);
      if (typeof result !== "object" || result === null) return;
      this.#results.set(`act ${act.act}`, result);
      if (act.does === "conversation") this.#results.set(String(act.end?.answer), result);
    } catch (cause) {
      // An act that failed in the record may fail again.
      if (act.end?.failed === undefined) throw cause;
    }
  }

  named(name: string): object {
    if (name === "stage") return this.#stage;
    const found = this.#results.get(name);
    if (found !== undefined) return found;
    if (name.startsWith("replica ")) return this.#replica(name.slice("replica ".length));
    throw new Error(`the replay has no ${name} yet`);
  }

  /** Finds a replica by index. If the record had more replicas, the last one replaces the rest. */
  #replica(name: string): object {
    const { replicas } = this.#stage.deployment;
    const found = replicas[this.#replicas.indexOf(name)] ?? replicas.at(-1);
    if (found !== undefined) return found;
    throw new Error(`there is no replica "${name}" yet: the deployment has not been booted`);
  }

  turn(conversation: string, ordinal: number): Turn {
    const { next } = this.named(conversation) as Conversation;
    const found = next.ordinal === ordinal ? next : this.#turns.get(`${conversation}/${ordinal}`);
    if (found !== undefined) return found;
    throw new Error(`the replay has not sent message ${ordinal} of ${conversation}`);
  }

  fault(kind: string, from: readonly unknown[]): Fault {
    if (!isKnownFault(kind)) throw new Error(`threadproof has no fault "${kind}"`);
    // The same maker recorded these arguments.
    const make = makers[kind] as (...from: readonly unknown[]) => Fault;
    return make(...from);
  }

  /** Keeps a turn, because its retry may be held when it is no longer the next one. */
  #remember(name: string, of: object): void {
    if (!("next" in of)) return;
    const { next } = of as Conversation;
    this.#turns.set(`${name}/${next.ordinal}`, next);
  }

  /** If the ingress chose the replica in the record, adds it to the options. */
  #pinned({ does, served }: ScheduledAct, given: readonly unknown[]): unknown[] {
    const at = optionsAt[does];
    if (at === undefined || served === null) return [...given];
    const pinned: unknown[] = [...given];
    pinned[at] = { on: this.named(`replica ${served}`), ...(given[at] as object | undefined) };
    return pinned;
  }
}

function methodOf(of: object, does: string): Method {
  const disposes = Symbol.asyncDispose in of ? Symbol.asyncDispose : Symbol.dispose;
  return Reflect.get(of, does === "dispose" ? disposes : does) as Method;
}
