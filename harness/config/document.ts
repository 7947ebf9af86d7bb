/** A configuration as it was written: what it says, and where it says so. */
export interface Document {
  readonly value: unknown;
  /**
   * The line, from 1, of what stands at a path; where nothing does, of the nearest thing around it
   * that can be found; null: it cannot be told.
   */
  lineOf(path: readonly PropertyKey[]): number | null;
}
