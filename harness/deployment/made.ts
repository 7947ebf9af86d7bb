/** Which function of the package makes a fault, and from what. */
export interface Made {
  /** The name under which it is exported: "kill". */
  readonly by: string;
  /** Plain data, replicas, conversations, turns. */
  readonly from: readonly unknown[];
}
