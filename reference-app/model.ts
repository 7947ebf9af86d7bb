import { flushCompileCache } from "node:module";
import type { AIMessage, AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { TurnFailure } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { toolDefinitions } from "./tools.ts";

/** Asks the model what comes next. Throws where it does not say so, whole, within its time. */
export type Model = (messages: BaseMessage[], config: RunnableConfig) => Promise<AIMessage>;

/**
 * One try, and a time-out around all of it. The client's own (`timeout`) is over when the headers
 * of a stream are there: one that stalls would keep the thread for as long as its connection lives.
 * And the user's retry goes on where the turn stopped, so one in here would only hold the thread
 * for longer and hide what the model said.
 */
export function openModel(settings: Settings): Model {
  const load = clientOf(settings, { maxRetries: 0 });
  const withinMs = settings.MODEL_TIMEOUT_MS;
  return async (messages, config) => {
    const client = await load();
    const timeout = AbortSignal.timeout(withinMs);
    const signal = AbortSignal.any([timeout, ...(config.signal ? [config.signal] : [])]);
    try {
      return await wholeReply(await client.stream(messages, { ...config, signal }));
    } catch (cause) {
      if (!timeout.aborted) throw modelFailure(cause);
      throw modelFailure(new Error(`it did not answer within ${withinMs} ms`, { cause }));
    }
  };
}

/** What a stream says. Throws where it is not whole. */
export async function wholeReply(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessage> {
  let reply: AIMessageChunk | undefined;
  for await (const chunk of stream) reply = reply?.concat(chunk) ?? chunk;
  // A stream that a gateway ends early looks to the client like one that is over: only the reason
  // that the model gives for its end tells that it is.
  if (reply?.response_metadata["finish_reason"] === undefined) {
    throw new Error("its answer broke off");
  }
  // Kept, it would be a tool call that nobody answers: the API refuses such a transcript.
  if (reply.invalid_tool_calls?.length) {
    throw new Error("it asked for a tool with arguments that are not JSON");
  }
  return reply;
}

/** Loaded with the first call: a third of what this service imports is for it. */
export function clientOf(settings: Settings, more: { maxRetries?: number; timeout?: number }) {
  const load = async () => {
    const { ChatOpenAI } = await import("@langchain/openai");
    // With NODE_COMPILE_CACHE the next start finds this compiled; else it does nothing.
    flushCompileCache();
    return new ChatOpenAI({
      model: settings.MODEL,
      apiKey: settings.OPENAI_API_KEY,
      configuration: { baseURL: settings.OPENAI_BASE_URL },
      ...more,
    }).bindTools(toolDefinitions);
  };
  let loading: ReturnType<typeof load> | undefined;
  return () => (loading ??= load());
}

function modelFailure(cause: unknown): TurnFailure {
  const status = cause instanceof Error && "status" in cause ? cause.status : undefined;
  // These say that the request itself is wrong, and a retry sends the same request.
  const final = status === 400 || status === 413 || status === 422;
  return new TurnFailure(502, "the model failed", { final, cause });
}
