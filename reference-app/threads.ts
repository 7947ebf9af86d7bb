import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";

/** A conversation as its owner sees it. Its id is LangGraph's thread_id. */
export interface Thread {
  readonly id: string;
  readonly title: string | null;
  readonly created_at: Date;
  readonly last_message_at: Date | null;
  readonly archived: boolean;
}

export interface Change {
  readonly title?: string | undefined;
  readonly archived?: boolean | undefined;
}

/** Idle since before `idleBefore`, or archived and idle since before `archivedBefore`. */
export interface Idleness {
  readonly idleBefore: Date;
  readonly archivedBefore: Date | undefined;
}

/** The owners of conversations. LangGraph keeps no list of threads and no owners. */
export interface Threads {
  create(user: string, title: string | undefined): Promise<Thread>;
  list(user: string): Promise<readonly Thread[]>;
  find(user: string, id: string): Promise<Thread | undefined>;
  change(user: string, id: string, change: Change): Promise<Thread | undefined>;
  /** Records a message: its time, and a title if it has none yet. False: the thread is deleted. */
  touch(id: string, title: string): Promise<boolean>;
  remove(id: string): Promise<void>;
  /** The ids of idle threads; with `id`, at most this one. */
  idle(idleness: Idleness, id?: string): Promise<readonly string[]>;
}

const listedAtMost = 200;
const columns = "id, title, created_at, last_message_at, archived";

export const threadsTable = `
  CREATE TABLE IF NOT EXISTS threads (
    id uuid PRIMARY KEY,
    user_id text NOT NULL,
    title text,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_message_at timestamptz,
    archived boolean NOT NULL DEFAULT false
  );
  CREATE INDEX IF NOT EXISTS threads_of_user ON threads (user_id, created_at DESC)`;

export function threadsIn({ work }: Database): Threads {
  return {
    async create(user, title) {
      const { rows } = await work.query<Thread>(
        `INSERT INTO threads (id, user_id, title) VALUES ($1, $2, $3) RETURNING ${columns}`,
        [randomUUID(), user, title],
      );
      const [thread] = rows;
      if (thread === undefined) throw new Error("the new thread was not returned by the database");
      return thread;
    },
    async list(user) {
      const { rows } = await work.query<Thread>(
        `SELECT ${columns} FROM threads WHERE user_id = $1
         ORDER BY created_at DESC LIMIT ${listedAtMost}`,
        [user],
      );
      return rows;
    },
    async find(user, id) {
      const { rows } = await work.query<Thread>(
        `SELECT ${columns} FROM threads WHERE id = $1 AND user_id = $2`,
        [id, user],
      );
      return rows[0];
    },
    async change(user, id, { title, archived }) {
      const { rows } = await work.query<Thread>(
        `UPDATE threads SET title = coalesce($3, title), archived = coalesce($4, archived)
         WHERE id = $1 AND user_id = $2 RETURNING ${columns}`,
        [id, user, title, archived],
      );
      return rows[0];
    },
    async touch(id, title) {
      // A message to an archived thread brings the thread back.
      const { rowCount } = await work.query(
        `UPDATE threads SET last_message_at = now(), archived = false, title = coalesce(title, $2)
         WHERE id = $1`,
        [id, title],
      );
      return rowCount === 1;
    },
    async remove(id) {
      await work.query("DELETE FROM threads WHERE id = $1", [id]);
    },
    async idle({ idleBefore, archivedBefore }, id) {
      const { rows } = await work.query<{ id: string }>(
        `SELECT id FROM threads
         WHERE ($3::uuid IS NULL OR id = $3)
           AND coalesce(last_message_at, created_at) < CASE WHEN archived
             THEN greatest($1::timestamptz, $2::timestamptz) ELSE $1 END
         ORDER BY id`,
        [idleBefore, archivedBefore ?? null, id ?? null],
      );
      return rows.map((row) => row.id);
    },
  };
}

/** The beginning of the first message, on one line. Postgres accepts no NUL in a text. */
export function titleOf(message: string): string {
  const line = message.replaceAll("\0", "").replace(/\s+/g, " ").trim();
  // By characters, not by code units, which would cut an emoji in half.
  const characters = [...line];
  return characters.length <= 60 ? line : `${characters.slice(0, 59).join("")}…`;
}
