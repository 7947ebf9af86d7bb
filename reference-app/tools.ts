import { ToolMessage, type BaseMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  tool,
  ToolInputParsingException,
  type StructuredToolInterface,
  type ToolRunnableConfig,
} from "@langchain/core/tools";
import { z } from "zod";
import { TurnFailure } from "./refusal.ts";
import type { Settings } from "./settings.ts";

export type Tools = readonly StructuredToolInterface[];

/** The tools that the model is offered. Both act through `POST $TOOLS_URL/<name>`. */
export function openTools({ TOOLS_URL }: Settings): Tools {
  return [
    tool((input, config: ToolRunnableConfig) => post(`${TOOLS_URL}/search`, input, config), {
      name: "search",
      description: "Searches the web.",
      schema: z.object({ query: z.string() }),
    }),
    tool((input, config: ToolRunnableConfig) => post(`${TOOLS_URL}/book`, input, config), {
      name: "book",
      description: "Books an item.",
      schema: z.object({ item: z.string() }),
    }),
  ];
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
 * The tools node. It makes one call per superstep, even if the model asks for several. LangGraph
 * saves each result before the next call, so a crash repeats at most one call. (LangGraph's
 * ToolNode makes all calls in one step. With Send each call is a task, but an older build cannot
 * read a thread that has used it.)
 */
export function toolsNode(tools: Tools) {
  return async ({ messages }: { messages: BaseMessage[] }, config: RunnableConfig) => {
    const [call] = openCalls(messages);
    return { messages: call === undefined ? [] : [await resultOf(tools, call, config)] };
  };
}

async function resultOf(tools: Tools, call: ToolCall, config: RunnableConfig) {
  const { id = "", name } = call;
  const answer = (content: string) => new ToolMessage({ content, tool_call_id: id, name });
  const chosen = tools.find((it) => it.name === name);
  // The model gets its own errors as results, so that it can correct them.
  if (chosen === undefined) return answer(`There is no tool "${name}".`);
  try {
    const result: unknown = await chosen.invoke({ ...call, type: "tool_call" }, config);
    return ToolMessage.isInstance(result) ? result : answer(String(result));
  } catch (cause) {
    if (cause instanceof ToolInputParsingException) return answer(cause.message);
    throw new TurnFailure(502, `the tool "${name}" failed`, { final: false, cause });
  }
}

/** Resolves to the text that the model gets. Throws if the server failed or did not answer. */
async function post(url: string, input: unknown, config: ToolRunnableConfig): Promise<string> {
  const reply = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      // A crash between the effect and its checkpoint repeats the call. The server recognises the
      // repetition by this key.
      "idempotency-key": `${config.configurable?.["thread_id"]}:${config.toolCall?.id}`,
    },
    body: JSON.stringify(input),
    signal: config.signal ?? null,
  });
  const text = await reply.text();
  // The server may have acted before it failed. So the turn stays unfinished, and the next request
  // repeats the call with the same key.
  if (reply.status >= 500) throw new Error(`it answered ${reply.status}`);
  return reply.ok ? textOf(text) : `The tool refused (${reply.status}): ${text}`;
}

/** The only text in a JSON object such as `{"result": "…"}`; otherwise the body as it is. */
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
