/** What a statement does, and to which table: "INSERT checkpoint_blobs", "COMMIT". */
export interface StatementName {
  /** In capitals. */
  readonly verb: string;
  /** Without schema and quotes; null where there is none, or no single one. */
  readonly table: string | null;
}

const identifier = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`;
const table = String.raw`(?:only\s+)?((?:${identifier}\s*\.\s*)?${identifier})`;

/** Where the table of a verb stands, within a statement without texts and comments. */
const places: Readonly<Record<string, RegExp>> = {
  INSERT: new RegExp(String.raw`\binsert\s+into\s+${table}`, "i"),
  UPDATE: new RegExp(String.raw`\bupdate\s+${table}`, "i"),
  DELETE: new RegExp(String.raw`\bdelete\s+from\s+${table}`, "i"),
  MERGE: new RegExp(String.raw`\bmerge\s+into\s+${table}`, "i"),
  SELECT: new RegExp(String.raw`\bfrom\s+${table}`, "i"),
  COPY: new RegExp(String.raw`\bcopy\s+${table}`, "i"),
  TRUNCATE: new RegExp(String.raw`\btruncate\s+(?:table\s+)?${table}`, "i"),
  LOCK: new RegExp(String.raw`\block\s+(?:table\s+)?${table}`, "i"),
  CREATE: new RegExp(String.raw`\btable\s+(?:if\s+not\s+exists\s+)?${table}`, "i"),
  ALTER: new RegExp(String.raw`\btable\s+(?:if\s+exists\s+)?${table}`, "i"),
  DROP: new RegExp(String.raw`\btable\s+(?:if\s+exists\s+)?${table}`, "i"),
};

const writes = new Set(["INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TRUNCATE"]);

/** "START TRANSACTION" and "BEGIN" are the same, and so are "END" and "COMMIT". */
const same: Readonly<Record<string, string>> = { START: "BEGIN", END: "COMMIT", ABORT: "ROLLBACK" };

/** Names a statement. What is behind a WITH counts by what it writes, else by what it reads. */
export function nameOf(sql: string): StatementName {
  const bare = withoutTexts(sql);
  // Some pools send one to see whether a connection lives.
  const [first = "empty"] = /[a-z]+/i.exec(bare) ?? [];
  const verb = first.toUpperCase();
  if (verb === "WITH") {
    const inside = [
      ...bare.matchAll(/\b(insert|update|delete|merge)\b(?=\s+(?:into|from|[\w"]))/gi),
    ];
    const written = inside.at(-1)?.[1]?.toUpperCase();
    if (written !== undefined) return { verb: written, table: tableOf(written, bare) };
    // The tables of the WITH itself come first: the one that is read last is the one that counts.
    const [, main = bare] = /\)\s*(select\b[^]*)$/i.exec(bare) ?? [];
    return { verb: "SELECT", table: tableOf("SELECT", main) };
  }
  return { verb: same[verb] ?? verb, table: tableOf(verb, bare) };
}

export function isWrite({ verb }: StatementName): boolean {
  return writes.has(verb);
}

function tableOf(verb: string, bare: string): string | null {
  const [, found] = places[verb]?.exec(bare) ?? [];
  if (found === undefined) return null;
  const last = /("(?:[^"]|"")+"|[\w$]+)$/.exec(found)?.[0] ?? found;
  return last.startsWith('"') ? last.slice(1, -1).replaceAll('""', '"') : last.toLowerCase();
}

/** Without comments, and with every text empty: what stands in them is no SQL. */
function withoutTexts(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[^]*?\*\/|\$(\w*)\$[^]*?\$\1\$|'(?:[^']|'')*'/g, (found) =>
    found.startsWith("--") || found.startsWith("/*") ? " " : "''",
  );
}
