import type { EntryOf, Recorder } from "../../history/history.ts";
import type { Turn, Turns } from "../../history/turn.ts";
import type { Holds } from "../hold.ts";
import type { Statement } from "./protocol-state.ts";
import type { Watch } from "./statement-proxy.ts";

export interface StatementsOptions {
  readonly turns: Turns;
  readonly holds: Holds;
  readonly recorder: Recorder;
  /** Whether a replica is alive: its held statements must not run after its death. */
  readonly isRunning: (replica: string) => boolean;
}

/** The position of a statement: the n-th of its name, in an attempt of a turn. */
interface Place {
  readonly turn: Turn | null;
  readonly name: string;
  readonly ordinal: number;
  readonly attempt: number;
}

/** While it is held, statements fail; `count` of them so far. */
export interface FailingStatements extends Disposable {
  readonly count: number;
}

/**
 * All statements of one run: records them, and holds them at points. A statement belongs to the
 * only turn in flight; with several in flight it belongs to none.
 */
export class Statements {
  readonly #options: StatementsOptions;
  readonly #places = new WeakMap<Statement, Place>();
  readonly #counts = new Map<string, number>();
  /** Statements in flight and open transactions, by connection. */
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

  /** For the statement proxy of a replica. */
  watch(replica: string): Watch {
    const gone = new Set<number>();
    const account = (connection: number, by: 1 | -1, inTransaction?: boolean): void => {
      // A statement that was held when its connection ended does not count as open.
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
        // A skipped statement was never executed, so it has no "after".
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
   * Answers each statement of a name ("INSERT threads") or of a verb ("INSERT") with an error,
   * until it is disposed.
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
    const point = { at: "statement", when, ...place } as const;
    if (!holds.wants(turn, point)) return undefined;
    const alive = () => (this.#options.isRunning(replica) ? undefined : ("drop" as const));
    return holds.pass(turn, point, replica).then(alive);
  }
}
