import { AIMessage, AIMessageChunk, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { GraphRecursionError } from "@langchain/langgraph";
import type { Clock } from "./clock.ts";
import type { Graph } from "./graph.ts";
import { sentenceOf, TurnFailure } from "./refusal.ts";
import { openCalls } from "./tools.ts";

/** When LangGraph saves: before the next step, while it runs, or once at the end. */
export type Durability = "sync" | "async" | "exit";

/** What a turn tells while it runs. */
export interface Listener {
  /** The turn holds its thread: from here on the client waits for an answer, not for a refusal. */
  begun(): void;
  /** A piece of the reply. Without it the model is not asked to stream. */
  readonly delta?: (text: string) => void;
  /** The reply is known; it is not yet saved. */
  spoken(reply: string): void;
}

/** A thread of the graph while it is held. */
export interface Conversation {
  read(): Promise<{ messages: readonly BaseMessage[]; unfinished: boolean }>;
  /** Runs a message, or with null what a crash or a failure left unfinished, until it is saved. */
  run(input: BaseMessage | null, listener?: Listener): Promise<void>;
}

// A model call and a tool call are one step each: about 25 rounds.
const stepsAtMost = 50;

export function conversationOf(
  graph: Graph,
  thread: string,
  clock: Clock,
  durability: Durability,
  signal: AbortSignal,
): Conversation {
  const config = { configurable: { thread_id: thread } };
  /** The time of the thread's newest checkpoint, as of the last look at it. */
  let newest: string | undefined;
  return {
    async read() {
      const { values, tasks, createdAt } = await graph.getState(config);
      newest = createdAt;
      const messages: readonly BaseMessage[] = values.messages ?? [];
      // Not `next`: it leaves out a task whose writes are saved, so a crash between those and the
      // checkpoint that follows them would look like the end of the turn.
      const unfinished = tasks.length > 0;
      // A thread that waits for somebody's approval has stopped on purpose.
      const waits = tasks.some((task) => task.interrupts.length > 0);
      return { messages, unfinished: unfinished && !waits };
    },
    async run(input, listener) {
      try {
        await clock.after(newest, signal);
        const stream = await graph.stream(input && { messages: [input], lastMessage: input.text }, {
          ...config,
          durability,
          signal,
          recursionLimit: stepsAtMost,
          streamMode: listener?.delta ? ["updates", "messages"] : ["updates"],
        });
        for await (const [mode, chunk] of stream) {
          if (mode === "messages") tellDelta(chunk[0], listener);
          else tellReply(chunk["model"]?.messages?.at(-1), listener);
        }
      } catch (error) {
        // The reason says more than the "Aborted" that LangGraph makes of it.
        if (signal.aborted) throw signal.reason;
        const failure = failureOf(error);
        if (failure instanceof TurnFailure && failure.final) await close(graph, config, failure);
        throw failure;
      }
    },
  };
}

/** The failure that ended a turn, where `message` is the one that closed it. */
export function failureIn(message: BaseMessage): TurnFailure | undefined {
  if (message.additional_kwargs["failed"] !== true) return undefined;
  return new TurnFailure(500, message.text, { final: true });
}

/** Ends a turn that would fail again and again with a transcript that the model accepts. */
async function close(
  graph: Graph,
  config: { configurable: { thread_id: string } },
  failure: TurnFailure,
): Promise<void> {
  const { values } = await graph.getState(config);
  const orphans = openCalls(values.messages ?? []).map(
    ({ id = "", name }) => new ToolMessage({ content: "not done", tool_call_id: id, name }),
  );
  const content = `This turn could not be finished: ${sentenceOf(failure)}`;
  const closing = new AIMessage({ content, additional_kwargs: { failed: true } });
  await graph.updateState(config, { messages: [...orphans, closing] }, "model");
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof GraphRecursionError)) return error;
  return new TurnFailure(500, `the turn was stopped after ${stepsAtMost} steps`, { final: true });
}

function tellDelta(message: BaseMessage, listener: Listener | undefined): void {
  // The node's whole message comes by here too, after its chunks.
  if (AIMessageChunk.isInstance(message) && message.text !== "") listener?.delta?.(message.text);
}

function tellReply(message: BaseMessage | undefined, listener: Listener | undefined): void {
  if (message !== undefined && openCalls([message]).length === 0) listener?.spoken(message.text);
}
