/** Nothing has happened, and the client gets this sentence. */
export class Refusal extends Error {
  readonly status: number;
  readonly retryAfterS: number | undefined;

  constructor(status: number, sentence: string, retryAfterS?: number) {
    super(sentence);
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

/**
 * Something that the turn needs has failed. If `final`, the same input would fail again every time:
 * then the turn is closed, because otherwise it would block its thread for ever.
 */
export class TurnFailure extends Error {
  readonly status: number;
  readonly final: boolean;

  constructor(status: number, sentence: string, options: { final: boolean; cause?: unknown }) {
    super(sentence, { cause: options.cause });
    this.status = status;
    this.final = options.final;
  }
}

/** The message of an error, with that of its first cause, which operators look for. */
export function sentenceOf(error: unknown): string {
  const first = firstCause(error);
  const own = error instanceof Error ? error.message : String(error);
  return first === own || own.includes(first) ? own : own === "" ? first : `${own}: ${first}`;
}

export function answerTo(error: unknown): {
  status: number;
  sentence: string;
  retryAfterS?: number;
} {
  const retryAfterS = error instanceof Refusal ? error.retryAfterS : undefined;
  const hint = retryAfterS === undefined ? {} : { retryAfterS };
  return { status: statusOf(error), sentence: sentenceOf(error), ...hint };
}

function statusOf(error: unknown): number {
  if (error instanceof Refusal || error instanceof TurnFailure) return error.status;
  if (isDatabaseAway(error)) return 503;
  return error instanceof Error && error.cause !== undefined ? statusOf(error.cause) : 500;
}

function firstCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // If a host name has two addresses, the error is an AggregateError with an empty message.
  if (error instanceof AggregateError && error.message === "") return firstCause(error.errors[0]);
  return error.cause === undefined ? error.message : firstCause(error.cause);
}

/** Whether the connection failed, and not the statement: then a later attempt may succeed. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const code = sqlStateOf(error);
  // 25006: the server accepts no writes, for example because it became a standby.
  if (/^(08|53|57|25006)|^E(CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND|AI_AGAIN)/.test(code)) return true;
  const message = error instanceof Error ? error.message : "";
  return /connection (terminated|error)|timeout exceeded when trying to connect|read timeout/i.test(
    message,
  );
}

/** The code of a Postgres error ("42P01") or of a socket error ("ECONNREFUSED"); otherwise "". */
export function sqlStateOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}
