import { type Frame, textsOf } from "./frames.ts";
import { nameOf, type StatementName } from "./statement.ts";

/** A statement that is executed, by a simple query or by an Execute. */
export interface Statement extends StatementName {
  /** From 1, in its connection. */
  readonly ordinal: number;
  readonly sql: string;
}

interface Prepared {
  readonly sql: string;
  readonly name: StatementName;
}

/**
 * What client and server say to each other on one connection: which message executes a statement,
 * and which one says that it has been executed. A Bind and an Execute count, a Parse does not; what
 * is executed together, up to a Sync, is over together, because an implicit transaction is only
 * committed then.
 */
export class Dialogue {
  readonly #prepared = new Map<string, Prepared>();
  readonly #portals = new Map<string, Prepared>();
  /** What will be answered with a ReadyForQuery each; the first is the greeting. */
  readonly #groups: Statement[][] = [[]];
  #open: Statement[] = [];
  #count = 0;

  /** A message of the client. Answers with the statement that it executes; null: none. */
  said({ type, body }: Frame): Statement | null {
    switch (type) {
      case "Q": {
        const [sql = ""] = textsOf(body, 1);
        const statement = this.#executed({ sql, name: nameOf(sql) });
        this.#close();
        return statement;
      }
      case "P": {
        const [name = "", sql = ""] = textsOf(body, 2);
        this.#prepared.set(name, { sql, name: nameOf(sql) });
        return null;
      }
      case "B": {
        const [portal = "", name = ""] = textsOf(body, 2);
        const prepared = this.#prepared.get(name);
        if (prepared !== undefined) this.#portals.set(portal, prepared);
        return null;
      }
      case "E": {
        const [portal = ""] = textsOf(body, 1);
        return this.#executed(this.#portals.get(portal) ?? { sql: "", name: nameOf("") });
      }
      case "C": {
        const [name = ""] = textsOf(body.subarray(1), 1);
        (body[0] === 0x53 ? this.#prepared : this.#portals).delete(name);
        return null;
      }
      case "S":
      case "F":
        this.#close();
        return null;
      default:
        return null;
    }
  }

  /** A message of the server. Answers with what is over with it; null: nothing. */
  heard({ type }: Frame): readonly Statement[] | null {
    if (type !== "Z") return null;
    return this.#groups.shift() ?? [];
  }

  /** Whether a message of the server tells how a statement went: from here on an answer is kept. */
  static concludes({ type }: Frame): boolean {
    return type === "C" || type === "E" || type === "I" || type === "s";
  }

  #executed({ sql, name }: Prepared): Statement {
    const statement = { ...name, sql, ordinal: (this.#count += 1) };
    this.#open.push(statement);
    return statement;
  }

  #close(): void {
    this.#groups.push(this.#open);
    this.#open = [];
  }
}
