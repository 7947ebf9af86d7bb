import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import type { Database } from "./database.ts";
import type { Threads } from "./threads.ts";

/** What takes stored state away again. Each is called by one who holds the thread. */
export interface Cleanup {
  /** Keeps the last checkpoint of each of the last `turns` turns, and nothing else. */
  prune(database: Database, thread: string, turns: number): Promise<void>;
  /** Deletes a thread, first its checkpoints: if that fails its row is there to try again. */
  forget(saver: BaseCheckpointSaver, threads: Threads, thread: string): Promise<void>;
}

/**
 * Each superstep writes the whole list of messages again, so what is stored grows with the square
 * of the conversation; kept by turn, and only a few turns, it grows with its length.
 *
 * A checkpoint is the last of its turn when only a new input follows it, or nothing: whoever has
 * any other child was overtaken within its turn. (Counting inputs would not do, as their own
 * checkpoints go too.) A namespace is a subgraph's own series, so each is counted for itself.
 *
 * One statement, so one snapshot: a reader on another replica sees the thread before or after, and
 * never a checkpoint without its blobs, which the saver would read as an empty channel.
 */
const pruning = `
  WITH turn_end AS (
    SELECT checkpoint_ns, checkpoint_id, checkpoint,
           row_number() OVER (PARTITION BY checkpoint_ns ORDER BY checkpoint_id DESC) AS age
    FROM checkpoints c
    WHERE thread_id = $1 AND NOT EXISTS (
      SELECT FROM checkpoints child
      WHERE child.thread_id = c.thread_id AND child.checkpoint_ns = c.checkpoint_ns
        AND child.parent_checkpoint_id = c.checkpoint_id
        AND child.metadata ->> 'source' <> 'input')
  ), kept AS (
    SELECT checkpoint_ns, checkpoint_id, checkpoint FROM turn_end WHERE age <= $2
  ), used AS (
    SELECT DISTINCT checkpoint_ns, v.key AS channel, v.value AS version
    FROM kept, jsonb_each_text(checkpoint -> 'channel_versions') v
  ), writes_gone AS (
    DELETE FROM checkpoint_writes w
    WHERE thread_id = $1 AND (checkpoint_ns, checkpoint_id) NOT IN
      (SELECT checkpoint_ns, checkpoint_id FROM kept)
  ), blobs_gone AS (
    DELETE FROM checkpoint_blobs b
    WHERE thread_id = $1 AND (checkpoint_ns, channel, version) NOT IN
      (SELECT checkpoint_ns, channel, version FROM used)
  )
  DELETE FROM checkpoints
  WHERE thread_id = $1 AND (checkpoint_ns, checkpoint_id) NOT IN
    (SELECT checkpoint_ns, checkpoint_id FROM kept)`;

export const cleanup: Cleanup = {
  async prune({ work }, thread, turns) {
    await work.query(pruning, [thread, turns]);
  },
  async forget(saver, threads, thread) {
    await saver.deleteThread(thread);
    await threads.remove(thread);
  },
};
