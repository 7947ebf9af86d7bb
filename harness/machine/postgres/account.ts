import { readFileSync } from "node:fs";

/** The ordinary user that Postgres runs as while we are root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** On macOS the first has a negative id, with which Postgres was never tested. */
const candidates = process.platform === "darwin" ? ["daemon"] : ["nobody", "daemon"];

/**
 * Postgres refuses to run as root, so root starts it as an ordinary user. That user must be in
 * /etc/passwd, because initdb looks its name up. Null: we are not root.
 * @throws Error if we are root and there is no such user.
 */
export function ordinaryAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  for (const line of candidates.flatMap((name) => entryOf(name) ?? [])) {
    const [name = "", , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    `Postgres does not run as root, and /etc/passwd has no user ${candidates.join(" or ")}: ` +
      "run as an ordinary user, or pass --database-url",
  );
}

function entryOf(name: string): string | undefined {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((line) => line.startsWith(`${name}:`));
}
