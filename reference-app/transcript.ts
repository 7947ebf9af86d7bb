import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import type { Graph } from "./graph.ts";

const roles = new Map([
  ["human", "user"],
  ["ai", "assistant"],
]);

/** A thread as clients read it. */
export async function stateOf(graph: Graph, thread: string) {
  const { values, tasks } = await graph.getState({ configurable: { thread_id: thread } });
  const messages: readonly BaseMessage[] = values.messages ?? [];
  // Not `next`: it is empty between the writes of a task and the next checkpoint.
  const next = tasks.map((task) => task.name);
  const { outline = [] } = values;
  return { thread_id: thread, next, outline, messages: messages.map(messageOf) };
}

/** The last `limit` checkpoints, newest first, with the number of messages that each one holds. */
export async function historyOf(graph: Graph, thread: string, limit: number) {
  const checkpoints = [];
  const config = { configurable: { thread_id: thread } };
  for await (const snapshot of graph.getStateHistory(config, { limit })) {
    const messages: readonly BaseMessage[] = snapshot.values.messages ?? [];
    const checkpoint_id = String(snapshot.config.configurable?.["checkpoint_id"]);
    const { createdAt: created_at, next } = snapshot;
    checkpoints.push({ checkpoint_id, created_at, next, messages: messages.length });
  }
  return { thread_id: thread, checkpoints };
}

function messageOf(message: BaseMessage) {
  return {
    id: message.id,
    role: roles.get(message.type) ?? message.type,
    content: message.text,
    ...(AIMessage.isInstance(message) &&
      message.tool_calls?.length && { tool_calls: message.tool_calls }),
    ...(ToolMessage.isInstance(message) && { tool_call_id: message.tool_call_id }),
  };
}
