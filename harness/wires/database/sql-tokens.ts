/** A part of a statement that is not a blank, comment or string. */
export interface SqlToken {
  /** An identifier in lower case, or as quoted; else the character. */
  readonly text: string;
  /** An unquoted word may be a keyword. */
  readonly sort: "word" | "quoted" | "other";
  /** The number of open parentheses around it. */
  readonly depth: number;
  /** Its offset in the text. */
  readonly at: number;
}

/** Strings and comments come first (PostgreSQL 17, section 4.1). */
const pattern = new RegExp(
  [
    String.raw`(?<blank>\s+|--[^\n]*)`,
    String.raw`(?<comment>/\*)`,
    // Only strings that begin with E have backslash escapes.
    String.raw`(?<text>e'(?:[^'\\]|\\[^]|'')*'?|'(?:[^']|'')*'?|\$(?<tag>(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$(?:[^]*?\$\k<tag>\$|[^]*$))`,
    String.raw`"(?<quoted>(?:[^"]|"")*)"?`,
    String.raw`(?<word>[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<number>[$\d][\w.]*)`,
    String.raw`(?<other>[^])`,
  ].join("|"),
  "giy",
);

/** The tokens of a text, without blanks, comments and strings. */
export function tokensOf(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let depth = 0;
  const matcher = new RegExp(pattern);
  for (let at = 0; at < sql.length; at = matcher.lastIndex) {
    matcher.lastIndex = at;
    const { comment, quoted, word, other } = matcher.exec(sql)?.groups ?? {};
    if (comment !== undefined) matcher.lastIndex = endOfComment(sql, at);
    if (quoted !== undefined) {
      tokens.push({ text: quoted.replaceAll('""', '"'), sort: "quoted", depth, at });
    }
    if (word !== undefined) tokens.push({ text: word.toLowerCase(), sort: "word", depth, at });
    if (other === undefined) continue;
    if (other === ")") depth = Math.max(0, depth - 1);
    tokens.push({ text: other, sort: "other", depth, at });
    if (other === "(") depth += 1;
  }
  return tokens;
}

/** Comments nest. */
function endOfComment(sql: string, from: number): number {
  let open = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    open += mark[0] === "/*" ? 1 : -1;
    if (open === 0) return marks.lastIndex;
  }
  return sql.length;
}

/** The statements of one simple query, separated by semicolons. */
export function statementsIn(sql: string): string[] {
  const statements: string[] = [];
  let from = 0;
  let body = 0;
  let isCreate: boolean | null = null;
  const take = (to: number): void => {
    if (isCreate !== null) statements.push(sql.slice(from, to).trim());
    isCreate = null;
  };
  for (const { text, sort, depth, at } of tokensOf(sql)) {
    if (sort === "other" && text === ";" && depth === 0 && body === 0) {
      take(at);
      from = at + 1;
      continue;
    }
    isCreate ??= text === "create";
    // A function body in SQL contains semicolons: BEGIN ATOMIC … END.
    if (!isCreate || sort !== "word") continue;
    if (text === "begin" || (body > 0 && text === "case")) body += 1;
    if (body > 0 && text === "end") body -= 1;
  }
  take(sql.length);
  return statements;
}
