/** One message as a model provider receives it, the same for all providers. */
export interface Message {
  readonly role: string;
  readonly text: string;
  /** Ids of the tool calls that an assistant message asks for. */
  readonly asks: readonly string[];
  /** Id of the tool call that a tool message answers. */
  readonly answers: string | null;
}
