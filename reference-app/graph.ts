import { flushCompileCache } from "node:module";
import { randomUUID } from "node:crypto";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { Annotation, END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import { TurnFailure } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { openCalls, toolDefinitions, toolsNode, type IdempotencyKey } from "./tools.ts";

export type Graph = ReturnType<typeof agentGraph>;

const modelTimeoutMs = 60_000;

/** Beside the messages what a list of threads shows without them: what was said last. */
const State = Annotation.Root({ ...MessagesAnnotation.spec, lastMessage: Annotation<string> });

/** The model and its tools in a loop: one superstep per model call and one per tool call. */
export function agentGraph(
  settings: Settings,
  saver: BaseCheckpointSaver,
  idempotencyKey: IdempotencyKey,
) {
  return new StateGraph(State)
    .addNode("model", modelNode(settings))
    .addNode("tools", toolsNode(settings.TOOLS_URL, idempotencyKey))
    .addEdge(START, "model")
    .addConditionalEdges("model", following, ["tools", END])
    .addConditionalEdges("tools", following, ["tools", "model"])
    .compile({ checkpointer: saver });
}

function following({ messages }: { messages: BaseMessage[] }): "model" | "tools" | typeof END {
  if (openCalls(messages).length > 0) return "tools";
  return messages.at(-1)?.type === "tool" ? "model" : END;
}

function modelNode(settings: Settings) {
  let loading: ReturnType<typeof modelOf> | undefined;

  return async ({ messages }: { messages: BaseMessage[] }, config: RunnableConfig) => {
    const model = await (loading ??= modelOf(settings));
    const reply = await model.invoke(messages, config).catch((cause: unknown) => {
      throw modelFailure(cause);
    });
    if (reply.invalid_tool_calls?.length) {
      // Kept, it would be a tool call that nobody answers: the API refuses such a transcript.
      throw new TurnFailure(502, "the model asked for a tool with arguments that are not JSON", {
        final: false,
      });
    }
    // An id of our own: where a server gives the same id twice, the second message would replace
    // the first. And only what the next call needs, because every checkpoint holds the whole list.
    const { content, tool_calls = [] } = reply;
    return { messages: [new AIMessage({ id: randomUUID(), content, tool_calls })] };
  };
}

/** Loaded with the first call: a third of what this service imports is for it. */
async function modelOf(settings: Settings) {
  const { ChatOpenAI } = await import("@langchain/openai");
  // With NODE_COMPILE_CACHE the next start finds this compiled; else it does nothing.
  flushCompileCache();
  return new ChatOpenAI({
    model: settings.MODEL,
    apiKey: settings.OPENAI_API_KEY,
    configuration: { baseURL: settings.OPENAI_BASE_URL },
    timeout: modelTimeoutMs,
    // The client's own retry goes on where the turn stopped, so a retry in here would only hold the
    // thread for longer and hide what the model said.
    maxRetries: 0,
  }).bindTools(toolDefinitions);
}

function modelFailure(cause: unknown): TurnFailure {
  const status = cause instanceof Error && "status" in cause ? cause.status : undefined;
  // These say that the request itself is wrong, and a retry sends the same request.
  const final = status === 400 || status === 413 || status === 422;
  return new TurnFailure(502, "the model failed", { final, cause });
}
