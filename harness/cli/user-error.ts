/** An error that the user can fix. The message says how, and is printed without a stack. */
export class UserError extends Error {
  readonly kind: "usage" | "failure";

  constructor(kind: "usage" | "failure", message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Wraps an error about input that is invalid or unreadable. */
export function usageError(cause: unknown): UserError {
  return new UserError("usage", cause instanceof Error ? cause.message : String(cause), { cause });
}

/** Runs work on the user's input. @throws UserError if it fails. */
export function asUserError<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw usageError(cause);
  }
}
