import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import { conversationOf, type Conversation, type Listener } from "./conversation.ts";
import type { Message } from "./admission.ts";
import type { Clock } from "./clock.ts";
import { closeDatabase } from "./database.ts";
import type { Gate } from "./gate.ts";
import { agentGraph, type Graph } from "./graph.ts";
import type { Parts } from "./parts.ts";
import { Refusal, sentenceOf } from "./refusal.ts";
import type { Schema } from "./schema.ts";
import type { Settings } from "./settings.ts";
import type { Threads } from "./threads.ts";

/** The parts put together, and what is going on in them. */
export interface Service {
  readonly settings: Settings;
  readonly parts: Parts;
  readonly saver: BaseCheckpointSaver;
  readonly threads: Threads;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly schema: Schema;
  readonly graph: Graph;
  /** What runs, whether or not a client still waits for it. */
  readonly running: Set<Promise<unknown>>;
  draining: boolean;
  /** `lifetime` may end it before its time. */
  takeTurn(
    thread: string,
    message: Message,
    listener: Listener,
    lifetime: AbortSignal,
  ): Promise<string>;
  forget(thread: string): Promise<void>;
  close(): Promise<void>;
}

export function assemble(settings: Settings, parts: Parts): Service {
  const database = parts.openDatabase(settings);
  const saver = parts.openSaver(database, settings);
  const threads = parts.openThreads(database);
  const gate = parts.openGate(database);
  const clock = parts.openClock(database);
  const { idempotencyKey } = parts;
  const graph = agentGraph(parts.openModel(settings), saver, {
    toolsUrl: settings.TOOLS_URL,
    idempotencyKey,
  });
  const running = new Set<Promise<unknown>>();

  const prune = (thread: string) =>
    parts.cleanup.prune(database, thread, settings.KEEP_TURNS).catch((error: unknown) => {
      // The turn is saved and stays so; the next one prunes what this one left.
      console.error(`thread ${thread} was not pruned: ${sentenceOf(error)}`);
    });

  return {
    ...{ settings, parts, saver, threads, gate, clock, graph, running, draining: false },
    schema: parts.openSchema(database, settings.MIGRATE_AT_BOOT),
    takeTurn: (thread, message, listener, lifetime) =>
      tracked(
        running,
        gate.hold(thread, async (held) => {
          const wrong = await clock.probe();
          if (wrong !== undefined) throw new Refusal(503, wrong, 1);
          await parts.addressing.note(threads, thread, message.text);
          listener.begun();
          const signal = AbortSignal.any([held, lifetime]);
          const conversation = conversationOf(graph, thread, clock, parts.durability, signal);
          const reply = await replyTo(parts, conversation, message, listener);
          await prune(thread);
          return reply;
        }),
      ),
    forget: (thread) =>
      tracked(
        running,
        gate.hold(thread, () => parts.cleanup.forget(saver, threads, thread)),
      ),
    close: () => closeDatabase(database),
  };
}

async function replyTo(
  { admission }: Parts,
  conversation: Conversation,
  message: Message,
  listener: Listener,
): Promise<string> {
  const admitted = await admission(conversation, message);
  if (admitted.kind === "answered") return admitted.reply;
  let reply: string | undefined;
  await conversation.run(admitted.message, {
    ...listener,
    spoken(text) {
      reply = text;
      listener.spoken(text);
    },
  });
  if (reply === undefined) throw new Error("the turn ended without a reply");
  return reply;
}

function tracked<T>(running: Set<Promise<unknown>>, work: Promise<T>): Promise<T> {
  const settled: Promise<unknown> = Promise.allSettled([work]).then(() => running.delete(settled));
  running.add(settled);
  return work;
}
