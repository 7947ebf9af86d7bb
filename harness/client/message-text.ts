/**
 * Messages as services encode them: `{type, content}`, `{role, content}`, `{lc, id, kwargs}` and
 * `{type, data: {content}}`; one endpoint was seen to alternate two of them. Content is a text, or
 * a list of blocks.
 */

/** The text of whatever stands where a text is expected. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOf).join("");
  if (typeof value !== "object") return JSON.stringify(value);
  if ("content" in value) return textOf(value.content);
  if ("kwargs" in value) return textOf(value.kwargs);
  if ("data" in value && typeof value.data === "object") return textOf(value.data);
  if ("text" in value) return textOf(value.text);
  // A block of something else, as a picture, has no text.
  return "type" in value ? "" : JSON.stringify(value);
}

/** The last message of the assistant. Lists of messages may stand among them as a whole. */
export function lastOfAssistant(values: readonly unknown[]): unknown {
  return values.flat().findLast(isOfAssistant);
}

/** Whether it is of the assistant, in any of the encodings. */
function isOfAssistant(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { role, type, id } = message as Readonly<Record<string, unknown>>;
  const name = type === "constructor" ? undefined : (role ?? type);
  const said = name ?? (Array.isArray(id) ? (id.at(-1) as unknown) : undefined);
  return typeof said === "string" && /^(ai|assistant|AIMessage(Chunk)?)$/.test(said);
}
