import type { AIMessage, AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { NodePolicyOptions } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import { TurnFailure } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { Tools } from "./tools.ts";

/** The model, and how LangGraph runs the node that asks it. */
export interface Model {
  /** Resolves to the whole answer. Throws if the model fails or the answer is incomplete. */
  readonly ask: (messages: BaseMessage[], config: RunnableConfig) => Promise<AIMessage>;
  readonly policy: Pick<NodePolicyOptions, "timeout" | "retryPolicy">;
}

/**
 * One attempt, with LangGraph's time-out around the whole call. The client's own time-out ends when
 * the headers of a stream arrive. A stream that stalls after them would hold the thread as long as
 * its connection lives. There is no retry, neither in the client nor in the node: the user's retry
 * continues where the turn stopped, and one in here would hold the thread longer.
 */
export function openModel(settings: Settings, tools: Tools): Model {
  const client = clientOf(settings, tools, { maxRetries: 0 });
  return {
    policy: { timeout: settings.MODEL_TIMEOUT_MS },
    async ask(messages, config) {
      try {
        return await wholeReply(await client.stream(messages, config));
      } catch (cause) {
        throw modelFailure(cause);
      }
    },
  };
}

/** The message that a stream adds up to. Throws if the stream ended too early. */
export async function wholeReply(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessage> {
  let reply: AIMessageChunk | undefined;
  for await (const chunk of stream) reply = reply?.concat(chunk) ?? chunk;
  // If a gateway ends a stream early, the client sees a normal end. Only the finish reason shows
  // that the model itself ended its answer.
  if (reply?.response_metadata["finish_reason"] === undefined) {
    throw new Error("its answer broke off");
  }
  // In the transcript it would be a tool call without a result, which the API refuses.
  if (reply.invalid_tool_calls?.length) {
    throw new Error("it asked for a tool with arguments that are not JSON");
  }
  return reply;
}

/** A client that offers the tools to the model. */
export function clientOf(
  { MODEL, OPENAI_API_KEY, OPENAI_BASE_URL }: Settings,
  tools: Tools,
  more: { maxRetries?: number; timeout?: number },
) {
  return new ChatOpenAI({
    model: MODEL,
    apiKey: OPENAI_API_KEY,
    configuration: { baseURL: OPENAI_BASE_URL },
    ...more,
  }).bindTools([...tools]);
}

function modelFailure(cause: unknown): TurnFailure {
  const status = cause instanceof Error && "status" in cause ? cause.status : undefined;
  // These say that the request itself is wrong. A retry would send the same request.
  const final = status === 400 || status === 413 || status === 422;
  return new TurnFailure(502, "the model failed", { final, cause });
}
