/** The command line that was given, as a shell would take it. */
export function commandLine(): string {
  return ["threadproof", ...process.argv.slice(2).map(quoted)].join(" ");
}

/** As a shell would take it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
