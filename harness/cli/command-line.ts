/** The command line of this process, quoted for a shell. */
export function commandLine(): string {
  return ["threadproof", ...process.argv.slice(2).map(quoted)].join(" ");
}

/** One argument, quoted for a shell where necessary. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
