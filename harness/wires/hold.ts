import type { Recorder } from "../history/history.ts";
import { formatPoint, isReached, type Point } from "../history/point.ts";
import type { Turn } from "../history/turn.ts";

/**
 * A held call: it was received, and its answer is withheld. So "kill the replica in the middle of
 * node 3" is a fact, and not a sleep.
 */
export interface Held extends Disposable {
  /**
   * Resolves when the call is held, with the name of the replica that made it: with a queue,
   * another one than was asked. With null when the turn can no longer reach the point, or at the
   * deadline: then the hold had no effect, and the verdict will be inconclusive.
   */
  reached(): Promise<string | null>;
}

export interface HoldOptions {
  /** Releases the call after this time, so that a service that queues turns goes on. */
  readonly atMostMs?: number;
  /** How long after its reply a turn may still reach the point: some save only then. */
  readonly lingersMs?: number;
}

interface Open {
  readonly turn: Turn;
  readonly point: Point;
  readonly arrived: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
  /** The replica whose call is held; null: no call yet. */
  where: string | null;
  readonly lingersMs: number;
  end(): void;
}

/** All holds of one run. Each wire passes its calls through here. */
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
    const where = formatPoint(point);
    const name = `hold ${where}`;
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
        const on = open.where;
        const what =
          on === null ? `${where} was never in flight` : `${where} was in flight on ${on}`;
        const bite = { bit: on !== null, what };
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

  /** Whether a hold waits for this point: most calls need not stop. */
  wants(turn: Turn, place: Point): boolean {
    return [...this.#open].some((it) => isHeldAt(it, turn, place));
  }

  /** A wire calls this for each call of a turn. Resolves when the wire may answer. */
  async pass(turn: Turn, place: Point, replica: string): Promise<void> {
    for (const open of this.#open) {
      if (!isHeldAt(open, turn, place)) continue;
      open.where = replica;
      open.arrived.resolve();
      await open.released.promise;
    }
  }

  /** Ends the holds of a turn that has ended, since it will reach no further point. */
  ended(turn: Turn): void {
    for (const open of [...this.#open]) {
      if (open.turn !== turn) continue;
      if (open.lingersMs === 0) open.end();
      else setTimeout(() => this.#missed(open), open.lingersMs).unref();
    }
  }

  /** Releases everything that is still held. */
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

function isHeldAt({ turn, point, where }: Open, of: Turn, place: Point): boolean {
  return turn === of && where === null && isReached(point, place);
}
