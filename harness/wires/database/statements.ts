import type { EntryOf, Recorder } from "../../history/history.ts";
import type { Point, Turn, Turns } from "../../history/turn.ts";
import type { Holds } from "../hold.ts";
import type { Statement } from "./protocol-state.ts";
import type { Watch } from "./statement-proxy.ts";

export interface StatementsOptions {
  readonly turns: Turns;
  readonly holds: Holds;
  readonly recorder: Recorder;
  /** Whether a replica lives: what it sent before it died must not be executed afterwards. */
  readonly isRunning: (replica: string) => boolean;
}

/** Where a statement stands: which one of its name it is, in which attempt of which turn. */
interface Place {
  readonly turn: Turn | null;
  readonly name: string;
  readonly ordinal: number;
  readonly attempt: number;
}

/** Held: so many have failed so far. */
export interface FailingStatements extends Disposable {
  readonly count: number;
}

/**
 * All statements of one run of a scenario: it writes them into the history, and keeps those open
 * that are held. A statement belongs to the only turn in flight; with several it is nobody's.
 */
export class Statements {
  readonly #options: StatementsOptions;
  readonly #places = new WeakMap<Statement, Place>();
  readonly #counts = new Map<string, number>();
  /** Sent and not done, and transactions that have begun and not ended. */
  readonly #open = new Map<string, { statements: number; inTransaction: boolean }>();
  readonly #failing = new Set<{
    readonly name: string;
    readonly sqlstate: string;
    count: number;
  }>();
  #quiet = Promise.withResolvers<void>();

  constructor(options: StatementsOptions) {
    this.#options = options;
  }

  /** For the tap of a replica. */
  watch(replica: string): Watch {
    const gone = new Set<number>();
    const account = (connection: number, by: 1 | -1, inTransaction?: boolean): void => {
      // What was still kept open when it ended keeps nobody waiting.
      if (!gone.has(connection)) this.#account(`${replica}/${connection}`, by, inTransaction);
    };
    return {
      before: (statement, connection) => {
        const place = this.#placeOf(statement);
        this.#places.set(statement, place);
        account(connection, 1);
        this.#record(replica, place, "sent");
        const held = this.#pass(replica, place, "before");
        const failing = [...this.#failing].find(({ name }) =>
          `${place.name} `.startsWith(`${name} `),
        );
        if (failing === undefined) return held;
        failing.count += 1;
        const { sqlstate } = failing;
        return (held ?? Promise.resolve(undefined)).then((instead) => instead ?? { sqlstate });
      },
      after: ({ statement, how, inTransaction }, connection) => {
        const place = this.#places.get(statement);
        account(connection, -1, inTransaction);
        // One that was skipped was never executed: there is nothing after it.
        if (place === undefined || how === "skipped") return undefined;
        this.#record(replica, place, how, inTransaction);
        return this.#pass(replica, place, "after");
      },
      gone: (connection) => {
        this.#open.delete(`${replica}/${connection}`);
        gone.add(connection);
        this.#settle();
      },
    };
  }

  /**
   * Answers each statement of a name ("INSERT threads"), or of a verb ("INSERT"), with an error,
   * until it is disposed of.
   */
  fail(name: string, sqlstate: string): FailingStatements {
    const failing = { name, sqlstate, count: 0 };
    this.#failing.add(failing);
    return Object.assign(failing, { [Symbol.dispose]: () => void this.#failing.delete(failing) });
  }

  /** Resolves when no statement is in flight and no transaction is open. */
  async untilSaved(): Promise<void> {
    while (this.#busy) await this.#quiet.promise;
  }

  get #busy(): boolean {
    return [...this.#open.values()].some((it) => it.statements > 0 || it.inTransaction);
  }

  #placeOf({ verb, table }: Statement): Place {
    const turn = this.#options.turns.alone;
    const name = table === null ? verb : `${verb} ${table}`;
    const attempt = turn?.attempts ?? 0;
    const key = `${turn?.name ?? ""}/${attempt}/${name}`;
    const ordinal = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, ordinal);
    return { turn, name, ordinal, attempt };
  }

  #account(connection: string, by: 1 | -1, inTransaction?: boolean): void {
    const open = this.#open.get(connection) ?? { statements: 0, inTransaction: false };
    open.statements += by;
    open.inTransaction = inTransaction ?? open.inTransaction;
    this.#open.set(connection, open);
    this.#settle();
  }

  #settle(): void {
    if (this.#busy) return;
    this.#quiet.resolve();
    this.#quiet = Promise.withResolvers();
  }

  #record(
    replica: string,
    { turn, ...place }: Place,
    phase: EntryOf<"statement">["phase"],
    inTransaction = false,
  ): void {
    const { recorder } = this.#options;
    const undone = phase === "done" && inTransaction ? { inTransaction } : {};
    const which = { replica, turn: turn?.name ?? null, ...place };
    recorder.record({ kind: "statement", ...which, phase, ...undone });
  }

  #pass(replica: string, { turn, ...place }: Place, when: "before" | "after") {
    if (turn === null) return undefined;
    const { holds } = this.#options;
    const point = statementPoint(when, place);
    if (!holds.wants(turn, point)) return undefined;
    const alive = () => (this.#options.isRunning(replica) ? undefined : ("drop" as const));
    return holds.pass(turn, point, replica).then(alive);
  }
}

/** "before INSERT checkpoint_blobs 2"; in a later attempt "attempt 2: after COMMIT 1". */
export function statementPoint(
  when: "before" | "after",
  { name, ordinal, attempt }: Omit<Place, "turn">,
): Point {
  return `${attempt > 1 ? `attempt ${attempt}: ` : ""}${when} ${name} ${ordinal}`;
}
