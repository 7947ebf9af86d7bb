/** Something that the user can mend: one sentence that says what to do, without a stack. */
export class UserError extends Error {
  readonly kind: "usage" | "failure";

  constructor(kind: "usage" | "failure", message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
