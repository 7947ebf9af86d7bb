const waysOut: readonly (readonly [RegExp, string])[] = [
  [
    /No space left on device|wrote only \d+ of/,
    "free space there, or set TMPDIR to a folder with free space",
  ],
  [/user does not exist/, "run as a user in /etc/passwd, or pass --database-url"],
  [/Permission denied/, "set TMPDIR to a folder that every user can enter, such as /tmp"],
  [/Address already in use/, "end the program that uses the port, or run again with another port"],
  [/shared memory/, "give the machine more shared memory, or pass --database-url"],
];

/**
 * Why a program of Postgres ended: the line that reports an error, the folder it worked in, and
 * what to do.
 */
export function reasonOf(lines: readonly string[], folder: string): string {
  const all = lines.filter((line) => line.trim() !== "");
  const errors = all.filter((line) => /FATAL|PANIC|error:|could not/i.test(line));
  // A line with a known way out is more useful than the last one ("initdb: removing …").
  for (const [pattern, wayOut] of waysOut) {
    const line = errors.find((it) => pattern.test(it));
    if (line !== undefined) return `"${line.trim()}" (in ${folder}): ${wayOut}`;
  }
  const last = (errors.at(-1) ?? all.at(-1) ?? "no output").trim();
  return `"${last}" (in ${folder}): pass --database-url to use your own Postgres server`;
}
