import type { DiagnosisKind } from "./diagnoses.ts";
import type { Attempt } from "./turns.ts";

/** How drivers, poolers and databases report errors whose cause is certain. */
const words = {
  "not-initialised":
    /\b42P01\b|\brelation \S+ does not exist|\bUndefinedTable\b|\bno such table\b/i,
  "prepared-statement-lost":
    /\b42P05\b|\b26000\b|prepared statement (\S+ )?(already exists|does not exist)|(Duplicate|Invalid)PreparedStatement|InvalidSqlStatementName/i,
  "pool-starvation": new RegExp(
    [
      "timeout exceeded when trying to connect",
      "QueuePool limit|PoolTimeout|couldn't get a connection after",
      "timed out (fetching|acquiring|waiting for) a (new )?connection",
      "remaining connection slots|too many (clients|connections)",
      "(connection )?pool (is )?(exhausted|full)",
    ].join("|"),
    "i",
  ),
} as const satisfies Partial<Record<DiagnosisKind, RegExp>>;

export type NamedError = keyof typeof words;

/** The cause that an error names itself; null: it names none of these. */
export function namedIn(text: string): NamedError | null {
  for (const kind of Object.keys(words) as NamedError[]) if (words[kind].test(text)) return kind;
  return null;
}

/** All that was said about the failure of an attempt: by the response, and by the log. */
export function errorOf({ end }: Attempt): string {
  if (end === null) return "";
  const why = "why" in end.outcome ? end.outcome.why : "";
  return end.log === undefined ? why : `${why}; log: ${end.log}`;
}
