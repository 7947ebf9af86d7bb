import { Conversation } from "../../client/conversation.ts";
import type { Recording } from "../../history/recording.ts";
import type { Stage } from "../scenario.ts";
import { isHandle, isReplica, written } from "./terms.ts";

/** A stage on which everything that is done is written down, until it is over. */
export interface RecordedStage extends Disposable {
  readonly stage: Stage;
}

/**
 * Writes down what a scenario does on its stage, act by act: what it calls, with what, when that
 * ends, and with which answer. It is all that a replay needs, whatever the scenario's code is. What
 * an act does within itself is part of it; so a fault that is injected is one act.
 */
export function recordActs(stage: Stage, recording: Recording): RecordedStage {
  const acts = new Acts(recording);
  return { stage: acts.handle(stage, "stage"), [Symbol.dispose]: () => acts.close() };
}

/** Not called by a scenario, but by the language. */
const ofLanguage = new Set(["constructor", "then", "toString", "valueOf", "toJSON"]);

class Acts {
  readonly #recording: Recording;
  readonly #handles = new WeakMap<object, object>();
  readonly #names = new WeakMap<object, string>();
  readonly #conversations = new Set<Conversation>();
  #count = 0;
  #over = false;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  close(): void {
    this.#over = true;
  }

  /** The same, with each call of a method as an act. */
  handle<T extends object>(it: T, name: string): T {
    // One that was handed out before.
    if (this.#names.has(it)) return (this.#handles.get(it) ?? it) as T;
    const handle = new Proxy(it, {
      get: (of, key) => {
        const value: unknown = Reflect.get(of, key, of);
        const does = verbOf(key);
        const path = name === "stage" ? String(key) : `${name}.${String(key)}`;
        if (typeof value !== "function") return this.#handed(value, path);
        if (does === null) return value;
        const method = value as (...given: unknown[]) => unknown;
        return (...given: unknown[]) =>
          this.#act({ of: name, does, given }, () => Reflect.apply(method, of, given));
      },
    });
    this.#handles.set(it, handle);
    for (const one of [it, handle]) this.#names.set(one, name);
    if (it instanceof Conversation) this.#conversations.add(it);
    return handle;
  }

  #act(
    { of, does, given }: { of: string; does: string; given: readonly unknown[] },
    call: () => unknown,
  ): unknown {
    const { acting } = this.#recording;
    if (this.#over || acting.getStore() !== undefined) return call();
    const act = (this.#count += 1);
    const terms = {
      nameOf: (it: object) => this.#names.get(it) ?? null,
      ownerOf: (id: string) =>
        [...this.#conversations].find(({ threadId }) => threadId === id)?.name ?? null,
    };
    const said = given.map((it) => written(it, terms));
    this.#recording.record({ kind: "act", act, of, does, with: said });
    const result = acting.run(act, call);
    if (!(result instanceof Promise)) return this.#ended(act, result);
    const ending = result.then(
      (value: unknown) => this.#ended(act, value),
      (cause: unknown) => {
        const failed = cause instanceof Error ? cause.message : String(cause);
        this.#recording.record({ kind: "act.end", act, answer: null, failed });
        throw cause;
      },
    );
    // As of the injection itself: it may fail while something else is awaited.
    if (does === "inject") ending.catch(() => {});
    return ending;
  }

  #ended(act: number, value: unknown): unknown {
    this.#recording.record({ kind: "act.end", act, answer: answerOf(value) });
    return this.#handed(value, `act ${act}`);
  }

  /** What acts can be done on in turn. */
  #handed(value: unknown, name: string): unknown {
    if (Array.isArray(value)) return value.map((part: unknown) => this.#handed(part, name));
    if (!isHandle(value)) return value;
    if (value instanceof Conversation) return this.handle(value, value.name);
    return this.handle(value, isReplica(value) ? `replica ${value.name}` : name);
  }
}

function verbOf(key: string | symbol): string | null {
  if (key === Symbol.dispose || key === Symbol.asyncDispose) return "dispose";
  return typeof key === "symbol" || ofLanguage.has(key) ? null : key;
}

function answerOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Conversation) return value.name;
  if (typeof value !== "object" || value === null || !("kind" in value)) return null;
  return typeof value.kind === "string" ? value.kind : null;
}
