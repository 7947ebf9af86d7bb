import type { Message } from "./message.ts";

/**
 * The API whose rules a transcript has to keep. In OpenAI's chat completions and Anthropic's
 * messages the results follow their tool calls at once; in OpenAI's responses they may be anywhere.
 * Other providers are not checked, since some do not identify their calls.
 */
export type Rules = "chat" | "messages" | "responses" | null;

/** The error with which the real provider refuses this transcript; null: it accepts it. */
export function malformation(messages: readonly Message[], rules: Rules): string | null {
  if (rules === null) return null;
  const words = wordsOf[rules];
  const anywhere = rules === "responses";
  for (const [i, message] of messages.entries()) {
    const answers = anywhere ? messages : resultsBehind(messages, i);
    const answered = new Set(answers.map((it) => it.answers));
    const open = message.asks.filter((id) => !answered.has(id));
    if (open.length > 0) return words.unanswered(open.join(", "));
    if (message.answers === null) continue;
    const asked = anywhere ? messages.flatMap(({ asks }) => asks) : callsBefore(messages, i);
    if (!asked.includes(message.answers)) return words.unasked(message.answers);
  }
  return null;
}

const wordsOf = {
  chat: {
    unanswered: (ids: string) =>
      "An assistant message with 'tool_calls' must be followed by tool messages responding " +
      "to each 'tool_call_id'. The following tool_call_ids did not have response messages: " +
      ids,
    unasked: () =>
      "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
  },
  messages: {
    unanswered: (ids: string) =>
      "`tool_use` ids were found without `tool_result` blocks immediately after: " +
      `${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the ` +
      "next message.",
    unasked: (id: string) =>
      `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` ` +
      "block must have a corresponding `tool_use` block in the previous message.",
  },
  responses: {
    unanswered: (ids: string) => `No tool output found for function call ${ids}.`,
    unasked: (id: string) => `No tool call found for function call output with call_id ${id}.`,
  },
} as const;

/** The tool results that follow a message directly. */
function resultsBehind(messages: readonly Message[], index: number): readonly Message[] {
  const rest = messages.slice(index + 1);
  const end = rest.findIndex((next) => next.answers === null);
  return rest.slice(0, end < 0 ? rest.length : end);
}

function callsBefore(messages: readonly Message[], index: number): readonly string[] {
  return messages.slice(0, index).findLast((message) => message.answers === null)?.asks ?? [];
}
