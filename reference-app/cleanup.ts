import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import type { Database } from "./database.ts";
import type { Threads } from "./threads.ts";

/** Removes stored state. The caller holds the thread. */
export interface Cleanup {
  /** Keeps the last checkpoint of each of the last `turns` turns, and nothing else. */
  prune(database: Database, thread: string, turns: number): Promise<void>;
  /** Deletes the checkpoints, then the row. If the first fails the row is there for a retry. */
  forget(saver: BaseCheckpointSaver, threads: Threads, thread: string): Promise<void>;
}

/**
 * Each superstep writes the whole list of messages again, so the stored size grows with the square
 * of the conversation's length. With one checkpoint per turn, and only the last few turns, it grows
 * with the length.
 *
 * A checkpoint is the last one of its turn if it has no child, or if all its children are new
 * inputs. (Counting inputs would not work, because their own checkpoints are removed too.) A
 * namespace is the separate series of a subgraph, so the statement counts each one separately.
 *
 * It is one statement, so it uses one snapshot. A reader on another replica sees the thread before
 * or after it, and never a checkpoint without its blobs, which the saver would read as empty
 * channels.
 *
 * The tables belong to the saver, whose JavaScript version has no `prune` yet. When you upgrade the
 * saver, check its `migrations.ts`: the columns of checkpoints, checkpoint_blobs and
 * checkpoint_writes, `channel_versions` in the checkpoint, and `source` in its metadata.
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
