import { type Frame, textsOf } from "./frames.ts";
import { nameOf, type StatementName } from "./statement-name.ts";
import { statementsIn } from "./sql-tokens.ts";

/** A statement that is executed by a simple query, an Execute, or a function call. */
export interface Statement extends StatementName {
  /** Counts the statements of a connection, from 1. */
  readonly ordinal: number;
  readonly sql: string;
}

/** How a statement ended. After a failure the server skips the rest up to the Sync. */
type How = "done" | "failed" | "skipped";

export interface Ended {
  readonly statement: Statement;
  readonly how: How;
  /** Whether a transaction is open now, even one that has failed. */
  readonly inTransaction: boolean;
}

interface Prepared {
  readonly sql: string;
  readonly name: StatementName;
}

/** Statements up to a Sync: only that commits an implicit transaction. */
interface Group {
  readonly statements: Statement[];
  /** A simple query needs no Sync. */
  readonly isSimple: boolean;
  /** The number of statements with an answer. */
  answered: number;
  failed: boolean;
  /** The client has sent the end of its data (CopyDone, CopyFail). */
  hasCopied: boolean;
}

/** An expected completion and its receiver, or the expected ReadyForQuery of a group. */
type Pending = "theirs" | "ours" | "ready";

/**
 * The state of one connection: which message executes a statement, and which one reports that it
 * was executed. A Bind and an Execute count, a Parse does not.
 */
export class Dialogue {
  readonly #prepared = new Map<string, Prepared>();
  readonly #portals = new Map<string, Prepared>();
  /** Groups that a ReadyForQuery will answer; the first is the greeting. */
  readonly #closed: Group[] = [groupOf()];
  #open = groupOf();
  #pending: Pending[] = ["ready"];
  /** The server receives data, and ignores a Sync. */
  #copies = false;
  #count = 0;

  /** Takes a message of the client, and returns the statements that it executes. */
  fromClient({ type, body }: Frame): readonly Statement[] {
    switch (type) {
      case "Q": {
        const [sql = ""] = textsOf(body, 1);
        const all = statementsIn(sql);
        const executed = (all.length === 0 ? [sql] : all).map((it) => this.#executed(prepared(it)));
        this.#close({ isSimple: true });
        return executed;
      }
      case "F": {
        const oid = body.length < 4 ? 0 : body.readUInt32BE(0);
        const name = { verb: "FUNCTION", table: String(oid) };
        const executed = this.#executed({ sql: `function ${oid}`, name });
        this.#close({ isSimple: true });
        return [executed];
      }
      case "E": {
        const [portal = ""] = textsOf(body, 1);
        return [this.#executed(this.#portals.get(portal) ?? prepared(""))];
      }
      default:
        this.#heed({ type, body });
        return [];
    }
  }

  /** Takes a message of the client that executes no statement. */
  #heed({ type, body }: Pick<Frame, "type" | "body">): void {
    switch (type) {
      case "P": {
        const [name = "", sql = ""] = textsOf(body, 2);
        this.#prepared.set(name, prepared(sql));
        this.#pending.push("theirs");
        break;
      }
      case "B": {
        const [portal = "", name = ""] = textsOf(body, 2);
        const found = this.#prepared.get(name);
        if (found !== undefined) this.#portals.set(portal, found);
        this.#pending.push("theirs");
        break;
      }
      case "C": {
        const [name = ""] = textsOf(body.subarray(1), 1);
        (body[0] === 0x53 ? this.#prepared : this.#portals).delete(name);
        this.#pending.push("theirs");
        break;
      }
      case "S":
        if (!this.#copies) this.#close();
        break;
      case "c":
      case "f":
        this.#copies = false;
        this.#current.hasCopied = true;
        break;
    }
  }

  /** Registers n server replies that belong to statements that the proxy sent. */
  interjects(completions: number): void {
    for (let n = 0; n < completions; n += 1) this.#pending.push("ours");
  }

  /**
   * Takes a message of the server. Returns the ended statements (null: the message ends none), and
   * whether the message answers the proxy.
   */
  fromServer({ type, body }: Frame): { over: readonly Ended[] | null; isOurs: boolean } {
    const group = this.#current;
    switch (type) {
      case "1":
      case "2":
      case "3":
        return { over: null, isOurs: this.#pending.shift() === "ours" };
      case "C":
      case "I":
      case "s":
        group.answered += 1;
        break;
      case "E":
        group.failed = true;
        this.#copies = false;
        break;
      case "G":
      case "W":
        this.#copyBegins();
        break;
      case "Z":
        return { over: this.#ready(body), isOurs: false };
    }
    return { over: null, isOurs: false };
  }

  /** Whether the next group is complete, so that its answers may be kept. */
  get isClosed(): boolean {
    return this.#closed.length > 0;
  }

  /** Whether a message of the server reports how a statement ended. */
  static concludes({ type }: Frame): boolean {
    return type === "C" || type === "E" || type === "I" || type === "s";
  }

  /** The group that the server answers now. */
  get #current(): Group {
    return this.#closed[0] ?? this.#open;
  }

  /**
   * The server wants data, and ignores every Sync until it has them. The Sync of a client that did
   * not wait for this, as libpq never does, closes nothing; its next one will.
   */
  #copyBegins(): void {
    const group = this.#current;
    if (group.hasCopied) return;
    this.#copies = true;
    if (group.isSimple || this.#closed.shift() === undefined) return;
    group.statements.push(...this.#open.statements);
    this.#open = group;
    this.#pending.splice(this.#pending.indexOf("ready"), 1);
  }

  #ready(status: Buffer): Ended[] {
    const { statements, answered, failed } = this.#closed.shift() ?? groupOf();
    // Statements that the server skips after an error have no answer.
    const ready = this.#pending.indexOf("ready");
    this.#pending.splice(0, ready < 0 ? this.#pending.length : ready + 1);
    this.#copies = false;
    const inTransaction = status[0] !== 0x49;
    return statements.map((statement, i) => {
      const how = !failed || i < answered ? "done" : i === answered ? "failed" : "skipped";
      return { statement, how, inTransaction };
    });
  }

  #executed({ sql, name }: Prepared): Statement {
    const statement = { ...name, sql, ordinal: (this.#count += 1) };
    this.#open.statements.push(statement);
    return statement;
  }

  #close({ isSimple = false } = {}): void {
    this.#closed.push({ ...this.#open, isSimple });
    this.#open = groupOf();
    this.#pending.push("ready");
  }
}

function groupOf(): Group {
  return { statements: [], isSimple: false, answered: 0, failed: false, hasCopied: false };
}

function prepared(sql: string): Prepared {
  return { sql, name: nameOf(sql) };
}
