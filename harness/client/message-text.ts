/**
 * Services encode messages as `{type, content}`, `{role, content}`, `{lc, id, kwargs}` or
 * `{type, data: {content}}`. One real endpoint alternates between two of them. Content is a text
 * or a list of blocks.
 */

/** The text of any value found where a text is expected. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOf).join("");
  if (typeof value !== "object") return JSON.stringify(value);
  if ("content" in value) return textOf(value.content);
  if ("kwargs" in value) return textOf(value.kwargs);
  if ("data" in value && typeof value.data === "object") return textOf(value.data);
  if ("text" in value) return textOf(value.text);
  // Other blocks, such as images, have no text.
  return "type" in value ? "" : JSON.stringify(value);
}

/** The last message of the assistant. Each value is a message or a list of messages. */
export function lastOfAssistant(values: readonly unknown[]): unknown {
  return values.flat().findLast(isOfAssistant);
}

/** Whether the assistant sent a message, in any of the encodings. */
function isOfAssistant(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { role, type, id } = message as Readonly<Record<string, unknown>>;
  const name = type === "constructor" ? undefined : (role ?? type);
  const said = name ?? (Array.isArray(id) ? (id.at(-1) as unknown) : undefined);
  return typeof said === "string" && /^(ai|assistant|AIMessage(Chunk)?)$/.test(said);
}
