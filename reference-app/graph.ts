import { randomUUID } from "node:crypto";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  END,
  MessagesValue,
  ReducedValue,
  START,
  StateGraph,
  StateSchema,
} from "@langchain/langgraph";
import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import { z } from "zod";
import type { Model } from "./model.ts";
import { openCalls, toolsNode, type Tools } from "./tools.ts";

export type Graph = ReturnType<typeof agentGraph>;

const AgentState = new StateSchema({
  messages: MessagesValue,
  /** What the user asked in each turn, in short: a table of contents for long threads. */
  outline: new ReducedValue(
    z.array(z.string()).default(() => []),
    { inputSchema: z.string(), reducer: (before, entry) => [...before, entry] },
  ),
});

const toolTimeoutMs = 30_000;

/** The model and its tools in a loop: one superstep per model call and one per tool call. */
export function agentGraph(model: Model, tools: Tools, saver: BaseCheckpointSaver) {
  return new StateGraph(AgentState)
    .addNode("model", modelNode(model), model.policy)
    .addNode("tools", toolsNode(tools), { timeout: toolTimeoutMs })
    .addEdge(START, "model")
    .addConditionalEdges("model", following, ["tools", END])
    .addConditionalEdges("tools", following, ["tools", "model"])
    .compile({ checkpointer: saver });
}

function following({ messages }: { messages: BaseMessage[] }): "model" | "tools" | typeof END {
  if (openCalls(messages).length > 0) return "tools";
  return messages.at(-1)?.type === "tool" ? "model" : END;
}

function modelNode({ ask }: Model) {
  return async ({ messages }: { messages: BaseMessage[] }, config: RunnableConfig) => {
    const { content, tool_calls = [] } = await ask(messages, config);
    // A new id, because some servers give the same id twice, and the second message would replace
    // the first. Only the fields that the next call needs, because every checkpoint holds all
    // messages.
    return { messages: [new AIMessage({ id: randomUUID(), content, tool_calls })] };
  };
}
