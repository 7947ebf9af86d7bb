import type { Recorder } from "./history.ts";

/** A call of the workload: receiver, method and arguments. */
export interface Call {
  /** "stage", "c3", or "act 7" for what act 7 returned. */
  readonly of: string;
  readonly does: string;
  /** Plain data. Replicas, conversations and turns serialise to references (`toJSON`). */
  readonly with: readonly unknown[];
}

/**
 * Records the calls of a workload for replay. Each method that a scenario calls runs its body
 * here. Before and after the workload, the body runs unrecorded.
 */
export class Acts {
  readonly #recorder: Recorder;
  #count = 0;
  #isOpen = false;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Records acts until it is disposed. */
  open(): Disposable {
    this.#isOpen = true;
    return { [Symbol.dispose]: () => void (this.#isOpen = false) };
  }

  /** `act`: the number of the recorded call; undefined: the call is not recorded. */
  run<T>(call: Call, body: (act?: number) => T): T {
    if (!this.#isOpen) return body();
    this.#count += 1;
    const act = this.#count;
    const given = call.with.slice(0, call.with.findLastIndex((it) => it !== undefined) + 1);
    const written = JSON.parse(JSON.stringify(given)) as unknown[];
    this.#recorder.record({ kind: "act", act, of: call.of, does: call.does, with: written });
    const result = body(act);
    if (result instanceof Promise) return this.#ending(act, result) as T;
    this.#recorder.record({ kind: "act.end", act, answer: answerOf(result) });
    return result;
  }

  #ending<T>(act: number, result: Promise<T>): Promise<T> {
    const ending = result.then(
      (value) => {
        this.#recorder.record({ kind: "act.end", act, answer: answerOf(value) });
        return value;
      },
      (cause: unknown) => {
        const failed = cause instanceof Error ? cause.message : String(cause);
        this.#recorder.record({ kind: "act.end", act, answer: null, failed });
        throw cause;
      },
    );
    // Mark the promise handled: a fault may fail before the scenario awaits it.
    ending.catch(() => {});
    return ending;
  }
}

/** A primitive result, the kind of an outcome or the name of a conversation; else null. */
function answerOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null) return null;
  if ("kind" in value && typeof value.kind === "string") return value.kind;
  return "name" in value && typeof value.name === "string" ? value.name : null;
}
