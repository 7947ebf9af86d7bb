/** A part of a statement that is no blank, comment or text. */
export interface SqlToken {
  /** An identifier in lower case, or as it stands between its quotes; else the character. */
  readonly text: string;
  /** A word that is not quoted may be a keyword. */
  readonly sort: "word" | "quoted" | "other";
  /** How many parentheses are open around it. */
  readonly depth: number;
  /** Where it begins in the text. */
  readonly at: number;
}

/** In this order: what is a text or a comment first (PostgreSQL 17, section 4.1). */
const pattern = new RegExp(
  [
    String.raw`(?<blank>\s+|--[^\n]*)`,
    String.raw`(?<comment>/\*)`,
    // Only a text that begins with an E has backslashes.
    String.raw`(?<text>e'(?:[^'\\]|\\[^]|'')*'?|'(?:[^']|'')*'?|\$(?<tag>(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$(?:[^]*?\$\k<tag>\$|[^]*$))`,
    String.raw`"(?<quoted>(?:[^"]|"")*)"?`,
    String.raw`(?<word>[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<number>[$\d][\w.]*)`,
    String.raw`(?<other>[^])`,
  ].join("|"),
  "giy",
);

/** What of a text is SQL: without blanks, comments and texts. */
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

/** The statements of one simple query: what stands between its semicolons. */
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
    // The body of a function that is SQL itself has semicolons of its own: BEGIN ATOMIC … END.
    if (!isCreate || sort !== "word") continue;
    if (text === "begin" || (body > 0 && text === "case")) body += 1;
    if (body > 0 && text === "end") body -= 1;
  }
  take(sql.length);
  return statements;
}
