import { AIMessage, AIMessageChunk, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import {
  GraphRecursionError,
  isGraphDrained,
  isNodeTimeoutError,
  type RunControl,
} from "@langchain/langgraph";
import type { Clock } from "./clock.ts";
import type { Graph } from "./graph.ts";
import { sentenceOf, TurnFailure } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { titleOf } from "./threads.ts";
import { openCalls } from "./tools.ts";

/** What a client wants to know while its turn runs. */
export interface Listener {
  /** The turn holds its thread. From here on it will not be refused. */
  readonly begun?: () => void;
  /** A piece of the reply. */
  readonly delta?: (text: string) => void;
}

/** A thread of the graph while the caller holds it. */
export interface Conversation {
  read(): Promise<{ messages: readonly BaseMessage[]; unfinished: boolean }>;
  /**
   * Runs a message until it is saved; null runs the rest of an unfinished turn. Resolves to the
   * reply. Throws a TurnFailure.
   */
  run(input: BaseMessage | null, listener?: Listener): Promise<string>;
}

/** How the runs of a conversation are run. */
export interface Running {
  readonly clock: Clock;
  readonly durability: Settings["DURABILITY"];
  /** Stops a run at once. */
  readonly signal: AbortSignal;
  /** Stops a run before its next step. */
  readonly control: RunControl;
}

// A model call and a tool call are one step each: about 25 rounds.
const stepsAtMost = 50;

export function conversationOf(
  graph: Graph,
  thread: string,
  { clock, durability, signal, control }: Running,
): Conversation {
  const config = { configurable: { thread_id: thread } };
  /** The time of the thread's newest checkpoint, as of the last read. */
  let newest: string | undefined;
  return {
    async read() {
      const { values, tasks, createdAt } = await graph.getState(config);
      newest = createdAt;
      const messages: readonly BaseMessage[] = values.messages ?? [];
      // Not `next`: it leaves out a task whose writes are saved. After a crash between those writes
      // and the next checkpoint, the turn would look finished.
      const unfinished = tasks.length > 0;
      // A thread that waits for an approval has stopped on purpose.
      const waits = tasks.some((task) => task.interrupts.length > 0);
      return { messages, unfinished: unfinished && !waits };
    },
    async run(input, listener) {
      let reply: string | undefined;
      try {
        await clock.after(newest, signal);
        const stream = await graph.stream(input && inputOf(input), {
          ...config,
          ...{ durability, signal, control },
          recursionLimit: stepsAtMost,
          streamMode: listener?.delta ? ["updates", "messages"] : ["updates"],
        });
        for await (const [mode, chunk] of stream) {
          if (mode === "messages") passDelta(chunk[0], listener);
          else reply = replyIn(chunk["model"]?.messages) ?? reply;
        }
      } catch (error) {
        // The reason says more than LangGraph's "Aborted".
        if (signal.aborted) throw signal.reason;
        const failure = failureOf(error);
        if (failure instanceof TurnFailure && failure.final) await close(graph, config, failure);
        throw failure;
      }
      if (reply === undefined) throw new Error("the turn ended without a reply");
      return reply;
    },
  };
}

/** The failure that a turn was closed with, if `message` closed a turn. */
export function failureIn(message: BaseMessage): TurnFailure | undefined {
  if (message.additional_kwargs["failed"] !== true) return undefined;
  return new TurnFailure(500, message.text, { final: true });
}

/** Ends a turn that would fail again every time. The model accepts the transcript after that. */
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
  if (error instanceof GraphRecursionError) {
    return new TurnFailure(500, `the turn was stopped after ${stepsAtMost} steps`, { final: true });
  }
  if (isNodeTimeoutError(error)) {
    const what = error.node === "model" ? "the model" : "a tool";
    return new TurnFailure(502, `${what} did not answer within ${error.timeout} ms`, {
      final: false,
    });
  }
  if (isGraphDrained(error)) {
    return new TurnFailure(
      503,
      "the replica is shutting down: send the message again, and the turn goes on where it stopped",
      { final: false },
    );
  }
  return error;
}

function inputOf(message: BaseMessage) {
  return { messages: [message], outline: titleOf(message.text) };
}

/** The text of a model message that asks for no tool. */
function replyIn(messages: readonly BaseMessage[] = []): string | undefined {
  return openCalls(messages).length === 0 ? messages.at(-1)?.text : undefined;
}

function passDelta(message: BaseMessage, listener: Listener | undefined): void {
  // After its chunks, the node's whole message arrives here too.
  if (AIMessageChunk.isInstance(message) && message.text !== "") listener?.delta?.(message.text);
}
