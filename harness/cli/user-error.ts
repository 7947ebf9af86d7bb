/** Something that the user can fix: one message that says what to do, without a stack. */
export class UserError extends Error {
  readonly kind: "usage" | "failure";

  constructor(kind: "usage" | "failure", message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** For input that cannot be read or is wrong. */
export function usageError(cause: unknown): UserError {
  return new UserError("usage", cause instanceof Error ? cause.message : String(cause), { cause });
}

/** Runs work on the user's input. @throws UserError where it fails. */
export function asUserError<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw usageError(cause);
  }
}
