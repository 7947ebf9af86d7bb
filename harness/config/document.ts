/** A parsed configuration file, and the line of each value. */
export interface Document {
  readonly value: unknown;
  /**
   * The line of a path, from 1. If the path does not exist, the line of its nearest parent. Null:
   * unknown, as in a script.
   */
  lineOf(path: readonly PropertyKey[]): number | null;
}
