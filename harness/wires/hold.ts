import type { Recorder } from "../history/history.ts";
import type { Point, Turn } from "../history/turn.ts";

/**
 * A call that is kept open. "Kill the replica in the middle of node 3" is then a fact and not a
 * sleep: the call was received, its answer was not given.
 */
export interface Held extends Disposable {
  /**
   * Resolves once the call is open, to the name of the replica whose call it is: where turns are
   * queued it need not be the one that was asked. To null once the turn can no longer reach it, or
   * at the deadline: then the hold has bitten nothing, and the verdict will be inconclusive.
   */
  reached(): Promise<string | null>;
}

export interface HoldOptions {
  /** A service that queues turns must not wait for a hold for ever. */
  readonly atMostMs?: number;
  /** What is held may come so long after the turn was answered: it is saved only then. */
  readonly lingersMs?: number;
}

interface Open {
  readonly turn: Turn;
  readonly point: Point;
  readonly arrived: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
  /** The replica whose call is held; null: none yet. */
  where: string | null;
  readonly lingersMs: number;
  end(): void;
}

/** All holds of one run of a scenario. The model wire and the tools wire pass each call by it. */
export class Holds {
  readonly #open = new Set<Open>();
  readonly #recorder: Recorder;
  readonly #deadlineMs: number;
  #count = 0;

  constructor(recorder: Recorder, deadlineMs: number) {
    this.#recorder = recorder;
    this.#deadlineMs = deadlineMs;
  }

  hold(turn: Turn, point: Point, { atMostMs = 0, lingersMs = 0 }: HoldOptions = {}): Held {
    this.#count += 1;
    const fault = `hold ${this.#count}`;
    const name = `hold ${point}`;
    const open: Open = {
      turn,
      point,
      arrived: Promise.withResolvers(),
      released: Promise.withResolvers(),
      where: null,
      lingersMs,
      end: () => {
        if (!this.#open.delete(open)) return;
        open.arrived.resolve();
        open.released.resolve();
        const { where } = open;
        const what =
          where === null ? `${point} was never in flight` : `${point} was in flight on ${where}`;
        const bite = { bit: where !== null, what };
        this.#recorder.record({ kind: "fault.end", fault, name, bite });
      },
    };
    this.#open.add(open);
    if (atMostMs > 0) {
      void open.arrived.promise.then(() => setTimeout(open.released.resolve, atMostMs).unref());
    }
    this.#recorder.record({
      kind: "fault.begin",
      fault,
      name,
      replica: null,
      stops: "call",
    });
    return { reached: () => this.#within(open), [Symbol.dispose]: open.end };
  }

  /** Whether somebody waits for it there: most calls can go on without a word. */
  wants(turn: Turn, point: Point): boolean {
    return [...this.#open].some(
      (it) => it.turn === turn && it.point === point && it.where === null,
    );
  }

  /** Called by a wire for each call that belongs to a turn; resolves when it may be answered. */
  async pass(turn: Turn, point: Point, replica: string): Promise<void> {
    for (const open of this.#open) {
      if (open.turn !== turn || open.point !== point || open.where !== null) continue;
      open.where = replica;
      open.arrived.resolve();
      await open.released.promise;
    }
  }

  /** A turn that has ended will reach nothing any more, and nothing of it needs to be held. */
  ended(turn: Turn): void {
    for (const open of [...this.#open]) {
      if (open.turn !== turn) continue;
      if (open.lingersMs === 0) open.end();
      else setTimeout(() => this.#missed(open), open.lingersMs).unref();
    }
  }

  /** Ends what is still held. */
  release(): void {
    for (const open of [...this.#open]) open.end();
  }

  #missed(open: Open): void {
    if (open.where === null) open.end();
  }

  async #within(open: Open): Promise<string | null> {
    const timer = setTimeout(() => open.arrived.resolve(), this.#deadlineMs);
    await open.arrived.promise;
    clearTimeout(timer);
    return open.where;
  }
}
