import { type SqlToken, tokensOf } from "./sql-tokens.ts";

/** The verb and the table of a statement: "INSERT checkpoint_blobs", "COMMIT". */
export interface StatementName {
  /** In capitals. */
  readonly verb: string;
  /** Without schema and quotes; null: none, or several. */
  readonly table: string | null;
}

/** Optional words between a verb and its table. */
const before: Readonly<Record<string, readonly string[]>> = {
  INSERT: ["into"],
  UPDATE: ["only"],
  DELETE: ["from", "only"],
  MERGE: ["into", "only"],
  COPY: [],
  TRUNCATE: ["table", "only"],
  LOCK: ["table", "only"],
  TABLE: ["if", "not", "exists", "only"],
};

/** "START TRANSACTION" and "BEGIN" are the same, and so are "END" and "COMMIT". */
const same: Readonly<Record<string, string>> = { START: "BEGIN", END: "COMMIT", ABORT: "ROLLBACK" };

/** Names a statement. After a WITH, the table that it writes counts, else the one that it reads. */
export function nameOf(sql: string): StatementName {
  const tokens = tokensOf(sql);
  const first = tokens.findIndex(({ sort }) => sort === "word");
  // Some pools send an empty statement to test a connection.
  const verb = tokens[first]?.text.toUpperCase() ?? "EMPTY";
  switch (verb) {
    case "WITH":
      return behindWith(tokens);
    case "SELECT":
      return { verb, table: readBy(tokens) };
    case "CREATE":
    case "ALTER":
    case "DROP": {
      const table = tokens.findIndex((it) => isWord(it, "table"));
      return { verb, table: table < 0 ? null : behind(tokens, table, "TABLE") };
    }
    case "ROLLBACK":
      // ROLLBACK TO a savepoint: the transaction goes on.
      return { verb: tokens.some((it) => isWord(it, "to")) ? "ROLLBACK TO" : verb, table: null };
    default:
      return {
        verb: same[verb] ?? verb,
        table: verb in before ? behind(tokens, first, verb) : null,
      };
  }
}

/**
 * After WITH, the main statement follows a closed parenthesis, a named one an open parenthesis. The
 * name comes from the main statement if it writes, else from the last named one that writes.
 */
function behindWith(tokens: readonly SqlToken[]): StatementName {
  const isMain = ({ depth }: SqlToken, i: number) => depth === 0 && isMark(tokens[i - 1], ")");
  const main = tokens.findIndex((it, i) => isMain(it, i) && isHead(tokens, i));
  const own = tokens[main]?.text.toUpperCase() ?? "SELECT";
  if (own in before) return { verb: own, table: behind(tokens, main, own) };
  const written = tokens.findLastIndex(
    ({ text }, i) =>
      isMark(tokens[i - 1], "(") && isHead(tokens, i) && text.toUpperCase() in before,
  );
  const inner = tokens[written]?.text.toUpperCase() ?? "";
  if (written >= 0) return { verb: inner, table: behind(tokens, written, inner) };
  return { verb: "SELECT", table: readBy(tokens.slice(Math.max(0, main))) };
}

/** Whether a statement begins here: most of these words may be names as well. */
function isHead(tokens: readonly SqlToken[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined || token.sort !== "word") return false;
  const next = tokens[at + 1];
  switch (token.text) {
    case "insert":
    case "merge":
      return next !== undefined && isWord(next, "into");
    case "delete":
      return next !== undefined && isWord(next, "from");
    case "update":
      return next !== undefined && next.sort !== "other" && !isWord(next, "as");
    default:
      return ["select", "values", "table"].includes(token.text);
  }
}

/** The table after a verb, without its schema. */
function behind(tokens: readonly SqlToken[], at: number, verb: string): string | null {
  let next = at + 1;
  const fillers = before[verb] ?? [];
  while (tokens[next]?.sort === "word" && fillers.includes(tokens[next]?.text ?? "")) next += 1;
  return qualified(tokens, next);
}

/** The unqualified name at a position; null: no name, or that of a function. */
function qualified(tokens: readonly SqlToken[], at: number): string | null {
  let last = at;
  while (isMark(tokens[last + 1], ".")) last += 2;
  const token = tokens[last];
  return token === undefined || token.sort === "other" ? null : token.text;
}

/** The table that the main statement reads first, else that of a subquery. */
function readBy(tokens: readonly SqlToken[]): string | null {
  const depth = tokens[0]?.depth ?? 0;
  const read = tokens.flatMap((token, i) => {
    const { text = "" } = tokens[i - 1] ?? {};
    if (!isWord(token, "from") || text === "distinct") return [];
    const at = tokens[i + 1]?.text === "only" ? i + 2 : i + 1;
    const table = qualified(tokens, at);
    // A function's result is not a table.
    const end = tokens.findIndex(
      (it, j) => j > at && !isMark(it, ".") && !isMark(tokens[j - 1], "."),
    );
    if (table === null || isMark(tokens[end], "(")) return [];
    return [{ table, depth: token.depth }];
  });
  return (read.find((it) => it.depth === depth) ?? read[0])?.table ?? null;
}

function isWord({ text, sort }: SqlToken, word: string): boolean {
  return sort === "word" && text === word;
}

function isMark(token: SqlToken | undefined, mark: string): boolean {
  return token?.sort === "other" && token.text === mark;
}
