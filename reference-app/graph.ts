import { randomUUID } from "node:crypto";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { Annotation, END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import type { Model } from "./model.ts";
import { openCalls, toolsNode, type IdempotencyKey } from "./tools.ts";

export type Graph = ReturnType<typeof agentGraph>;

/** Beside the messages what a list of threads shows without them: what was said last. */
const State = Annotation.Root({ ...MessagesAnnotation.spec, lastMessage: Annotation<string> });

/** The model and its tools in a loop: one superstep per model call and one per tool call. */
export function agentGraph(
  model: Model,
  saver: BaseCheckpointSaver,
  { toolsUrl, idempotencyKey }: { toolsUrl: string; idempotencyKey: IdempotencyKey },
) {
  return new StateGraph(State)
    .addNode("model", modelNode(model))
    .addNode("tools", toolsNode(toolsUrl, idempotencyKey))
    .addEdge(START, "model")
    .addConditionalEdges("model", following, ["tools", END])
    .addConditionalEdges("tools", following, ["tools", "model"])
    .compile({ checkpointer: saver });
}

function following({ messages }: { messages: BaseMessage[] }): "model" | "tools" | typeof END {
  if (openCalls(messages).length > 0) return "tools";
  return messages.at(-1)?.type === "tool" ? "model" : END;
}

function modelNode(ask: Model) {
  return async ({ messages }: { messages: BaseMessage[] }, config: RunnableConfig) => {
    // An id of our own: where a server gives the same id twice, the second message would replace
    // the first. And only what the next call needs, because every checkpoint holds the whole list.
    const { content, tool_calls = [] } = await ask(messages, config);
    return { messages: [new AIMessage({ id: randomUUID(), content, tool_calls })] };
  };
}
