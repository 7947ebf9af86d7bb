import { RunControl } from "@langchain/langgraph";
import type { Message } from "./admission.ts";
import { unknownThread } from "./addressing.ts";
import type { Clock } from "./clock.ts";
import { conversationOf, type Listener } from "./conversation.ts";
import { closeDatabase } from "./database.ts";
import { agentGraph, type Graph } from "./graph.ts";
import type { Parts } from "./parts.ts";
import { Refusal, sentenceOf } from "./refusal.ts";
import type { Schema } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { titleOf, type Threads } from "./threads.ts";

/** The parts put together, and the work that runs in them. */
export interface Service {
  readonly settings: Settings;
  readonly threads: Threads;
  readonly clock: Clock;
  readonly schema: Schema;
  readonly graph: Graph;
  /** Turns and deletions, whether or not a client still waits for them. */
  readonly running: ReadonlySet<Promise<unknown>>;
  /** True from SIGTERM on: the replica is no longer ready. */
  draining: boolean;
  /** The id of the thread that the client named. Throws a Refusal. */
  resolve(user: string, given: unknown): Promise<string>;
  takeTurn(thread: string, message: Message, listener: Listener): Promise<string>;
  forget(thread: string): Promise<void>;
  /** Asks every running turn to stop before its next step. Its checkpoint is saved by then. */
  stopTurns(): void;
  close(): Promise<void>;
}

export function assemble(settings: Settings, parts: Parts): Service {
  const database = parts.openDatabase(settings);
  const saver = parts.openSaver(database, settings);
  const threads = parts.openThreads(database);
  const gate = parts.openGate(database);
  const clock = parts.openClock(database, settings);
  const tools = parts.openTools(settings);
  const graph = agentGraph(parts.openModel(settings, tools), tools, saver);
  const running = new Set<Promise<unknown>>();
  const controls = new Set<RunControl>();

  const prune = (thread: string) =>
    parts.cleanup.prune(database, thread, settings.KEEP_TURNS).catch((error: unknown) => {
      // The turn is saved all the same. The next one also prunes what this one left.
      console.error(`thread ${thread} was not pruned: ${sentenceOf(error)}`);
    });

  const turn = async (
    thread: string,
    message: Message,
    listener: Listener,
    { signal, control }: { signal: AbortSignal; control: RunControl },
  ): Promise<string> => {
    const wrongClock = await clock.probe();
    if (wrongClock !== undefined) throw new Refusal(503, wrongClock, 1);
    // It may have been deleted since it was resolved. The turn would create it again without a row.
    if (!(await threads.touch(thread, titleOf(message.text)))) throw unknownThread();
    listener.begun?.();
    const durability = settings.DURABILITY;
    const conversation = conversationOf(graph, thread, { clock, durability, signal, control });
    const admitted = await parts.admission(conversation, message);
    const reply =
      admitted.kind === "answered"
        ? admitted.reply
        : await conversation.run(admitted.message, listener);
    await prune(thread);
    return reply;
  };

  return {
    ...{ settings, threads, clock, graph, running, draining: false },
    schema: parts.openSchema(database, settings),
    resolve: (user, given) => parts.resolveThread(threads, user, given),
    takeTurn(thread, message, listener) {
      const control = new RunControl();
      controls.add(control);
      const work = gate.hold(thread, (signal) =>
        turn(thread, message, listener, { signal, control }),
      );
      return tracked(
        running,
        work.finally(() => controls.delete(control)),
      );
    },
    forget: (thread) =>
      tracked(
        running,
        gate.hold(thread, () => parts.cleanup.forget(saver, threads, thread)),
      ),
    stopTurns() {
      for (const control of controls) control.requestDrain("SIGTERM");
    },
    close: () => closeDatabase(database),
  };
}

function tracked<T>(running: Set<Promise<unknown>>, work: Promise<T>): Promise<T> {
  const settled: Promise<unknown> = Promise.allSettled([work]).then(() => running.delete(settled));
  running.add(settled);
  return work;
}
