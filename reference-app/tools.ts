import { ToolMessage, type BaseMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { RunnableConfig } from "@langchain/core/runnables";
import { z } from "zod";
import { TurnFailure } from "./refusal.ts";

/** What names one call for ever, so that the other side can tell a repetition; or nothing. */
export type IdempotencyKey = (thread: string, call: string) => string | undefined;

const toolTimeoutMs = 30_000;

const tools = new Map([
  ["search", { about: "Searches the web.", input: z.object({ query: z.string() }) }],
  ["book", { about: "Books an item.", input: z.object({ item: z.string() }) }],
]);

/** The tools in the form in which the OpenAI API takes them. */
export const toolDefinitions = [...tools].map(([name, { about, input }]) => ({
  type: "function" as const,
  function: { name, description: about, parameters: z.toJSONSchema(input) },
}));

/** A crash between the effect and its checkpoint repeats the call: under the same key. */
export function threadAndCall(thread: string, call: string): string {
  return `${thread}:${call}`;
}

/** The calls of the last model message that have no result yet. */
export function openCalls(messages: readonly BaseMessage[]): readonly ToolCall[] {
  const asked = messages.findLastIndex((message) => message.type === "ai");
  const call = messages[asked];
  if (call === undefined || !("tool_calls" in call) || !Array.isArray(call.tool_calls)) return [];
  const calls: readonly ToolCall[] = call.tool_calls;
  const done = new Set(
    messages
      .slice(asked + 1)
      .map((message) => ToolMessage.isInstance(message) && message.tool_call_id),
  );
  return calls.filter(({ id }) => id !== undefined && !done.has(id));
}

/**
 * The tools node. It makes one call per superstep although the model may ask for several: what is
 * done is then saved before the next begins, and a crash repeats one call at the most. (Send would
 * give each call its own task too, but a thread that has used it cannot go back to an older build.)
 */
export function toolsNode(toolsUrl: string, idempotencyKey: IdempotencyKey) {
  return async ({ messages }: { messages: BaseMessage[] }, config: RunnableConfig) => {
    const [call] = openCalls(messages);
    if (call?.id === undefined) return { messages: [] };
    const key = idempotencyKey(String(config.configurable?.["thread_id"]), call.id);
    const content = await resultOf(toolsUrl, call, key, config.signal);
    return { messages: [new ToolMessage({ content, tool_call_id: call.id, name: call.name })] };
  };
}

async function resultOf(
  toolsUrl: string,
  call: ToolCall,
  key: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  // What the model got wrong it is told, so that it can try otherwise.
  const tool = tools.get(call.name);
  if (tool === undefined) return `There is no tool "${call.name}".`;
  const input = tool.input.safeParse(call.args);
  if (!input.success) return `The arguments are wrong: ${z.prettifyError(input.error)}`;

  const timeout = AbortSignal.timeout(toolTimeoutMs);
  const headers = { "content-type": "application/json", ...(key && { "idempotency-key": key }) };
  try {
    const reply = await fetch(`${toolsUrl}/${call.name}`, {
      method: "POST",
      headers,
      body: JSON.stringify(input.data),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const text = await reply.text();
    // A failing server may answer later, and nobody knows whether it has acted: the turn stays
    // unfinished, and the call is repeated under the same key.
    if (reply.status >= 500) throw new Error(`it answered ${reply.status}`);
    return reply.ok ? textOf(text) : `The tool refused (${reply.status}): ${text}`;
  } catch (cause) {
    throw new TurnFailure(502, `the tool "${call.name}" failed`, { final: false, cause });
  }
}

/** `{"result": "…"}` and the like as text; anything else as it came. */
function textOf(body: string): string {
  const answer = z.record(z.string(), z.unknown()).safeParse(jsonIn(body));
  if (!answer.success) return body;
  const texts = Object.values(answer.data).filter((value) => typeof value === "string");
  return texts.length === 1 && texts[0] !== undefined ? texts[0] : body;
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
