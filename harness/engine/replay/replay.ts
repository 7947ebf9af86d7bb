import type { Conversation } from "../../client/conversation.ts";
import type { Fault } from "../../deployment/fault.ts";
import type { History } from "../../history/history.ts";
import type { Scenario, Stage } from "../scenario.ts";
import * as faults from "../../faults/registry.ts";
import type { Turn } from "../../history/turn.ts";
import { followsSchedule } from "./follows-schedule.ts";
import { type ScheduledAct, type Schedule, scheduleOf } from "./schedule.ts";
import { type Meanings, read } from "./terms.ts";

/**
 * A scenario that does what another run of it did, by logical position: each act begins once all
 * acts have ended that had ended before it, and whom the ingress chose is asked by name. What that
 * leaves open, such as two turns at once that nothing holds, races again.
 */
export function replayOf(history: History, original: Scenario): Scenario {
  const schedule = scheduleOf(history);
  return {
    ...original,
    run: (stage) => new Replay(history.header.replicas, stage).play(schedule),
    checks: [...original.checks, followsSchedule(history)],
  };
}

/** Whether the package has a function of this name, by which a fault can be made again. */
export function makesFaults(name: string): boolean {
  return Object.hasOwn(faults, name);
}

type Method = (...given: unknown[]) => unknown;

/** Where the options of what asks a replica stand. */
const optionsAt: Readonly<Record<string, number>> = {
  say: 1,
  insist: 1,
  retry: 0,
  resume: 0,
  read: 0,
  repeat: 0,
  readUntilReplied: 0,
};

class Replay implements Meanings {
  readonly #replicas: readonly string[];
  readonly #stage: Stage;
  /** What acts have given, by the names that it has in the record. */
  readonly #given = new Map<string, object>();
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
      // Whoever waits for it is told how it ended.
      end.catch(() => {});
      this.#ends.set(act.act, end);
    }
    await this.#ended(last);
  }

  async #ended(acts: readonly number[]): Promise<void> {
    for (const act of acts) await this.#ends.get(act);
  }

  /** Begins at once, whatever it takes: the next act may not wait for its end. */
  async #do(act: ScheduledAct): Promise<void> {
    try {
      const of = this.named(act.of);
      this.#remember(act.of, of);
      const given = this.#pinned(
        act,
        act.with.map((it) => read(it, this)),
      );
      const result = await Reflect.apply(methodOf(of, act.does), of, given);
      const isObject = typeof result === "object" && result !== null;
      if (!isObject) return;
      this.#given.set(`act ${act.act}`, result);
      if (act.does === "conversation") this.#given.set(String(act.end?.answer), result);
    } catch (cause) {
      // What failed then may fail now.
      if (act.end?.failed === undefined) throw cause;
    }
  }

  named(name: string): object {
    if (name === "stage") return this.#stage;
    const given = this.#given.get(name);
    if (given !== undefined) return given;
    if (name.startsWith("replica ")) {
      return this.#replica(name.slice("replica ".length));
    }
    let found: unknown = this.#stage;
    for (const key of name.split(".")) found = Reflect.get(found as object, key);
    return found as object;
  }

  /** By its place among them. With fewer than were recorded the others are the last one. */
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
    throw new Error(`message ${ordinal} of ${conversation} has not been said in the replay`);
  }

  fault(by: string, from: readonly unknown[]): Fault {
    const make = (faults as unknown as Readonly<Record<string, (...from: unknown[]) => Fault>>)[by];
    if (make === undefined) throw new Error(`there is no fault "${by}" in threadproof`);
    return make(...from);
  }

  /** A turn may be held again for its retry, when it is no longer the next one. */
  #remember(name: string, of: object): void {
    if (!("next" in of)) return;
    const { next } = of as Conversation;
    this.#turns.set(`${name}/${next.ordinal}`, next);
  }

  /** With the replica that served it in the record, where the ingress had the choice. */
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
