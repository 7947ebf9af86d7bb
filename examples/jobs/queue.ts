/** Threads and jobs. A thread is an array of messages. A job is one message and its results. */
import { randomUUID } from "node:crypto";
import pg from "pg";

export interface Message {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  readonly tool_call_id?: string;
}

export interface Job {
  readonly id: string;
  readonly thread: string;
  /** Counts the workers that have taken the job: only the last one may change it. */
  readonly holder: number;
  /** The message, and the results so far. */
  readonly steps: Message[];
}

export interface Queue {
  /** Adds a job. A repeated request gets the job of the first one. */
  add(thread: string, input: string, request?: string): Promise<object>;
  look(id: string): Promise<object | null>;
  take(): Promise<Job | null>;
  /** Extends the lease. Throws if another worker has taken the job. */
  renew(job: Job): Promise<void>;
  /** Extends the lease and saves the results so far. */
  keep(job: Job): Promise<void>;
  done(job: Job, messages: readonly Message[]): Promise<void>;
  fail(job: Job): Promise<void>;
}

const schema = `
  BEGIN;
  SELECT pg_advisory_xact_lock(815);
  CREATE TABLE IF NOT EXISTS thread (id text PRIMARY KEY, messages jsonb NOT NULL);
  CREATE TABLE IF NOT EXISTS job (
    place bigserial PRIMARY KEY, id uuid UNIQUE, thread text, request text,
    state text DEFAULT 'queued', steps jsonb, holder int DEFAULT 0, until timestamptz,
    UNIQUE (thread, request));
  COMMIT`;
const insert = `
  INSERT INTO job (id, thread, request, steps) VALUES ($1, $2, $3, $4)
  ON CONFLICT (thread, request) DO UPDATE SET request = excluded.request RETURNING id, state`;
const abandoned = "OR state = 'running' AND until < now()";
const isFirstOfThread = `AND NOT EXISTS (
  SELECT FROM job other WHERE other.thread = mine.thread AND other.place < mine.place
  AND other.state IN ('queued', 'running'))`;
const own = "WHERE id = $1 AND holder = $2 AND state = 'running'";
const upsert = "ON CONFLICT (id) DO UPDATE SET messages = excluded.messages";

/** Keeps jobs in a table that all replicas share. */
export class Tables implements Queue {
  readonly #pool: pg.Pool;
  readonly #take: string;

  constructor(connectionString: string, { leases = true, order = true } = {}) {
    this.#pool = new pg.Pool({ connectionString, max: 10 });
    this.#pool.on("error", (error) => console.error(error.message));
    this.#take = `
      UPDATE job SET state = 'running', holder = holder + 1, until = now() + interval '3 s'
      WHERE place = (
        SELECT place FROM job mine WHERE (state = 'queued' ${leases ? abandoned : ""})
        ${order ? isFirstOfThread : ""} ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id, thread, holder, steps`;
  }

  async open(): Promise<void> {
    await this.#pool.query(schema);
  }

  async read(thread: string): Promise<readonly Message[] | null> {
    const select = "SELECT messages FROM thread WHERE id = $1";
    const { rows } = await this.#pool.query<{ messages: Message[] }>(select, [thread]);
    return rows[0]?.messages ?? null;
  }

  async write(thread: string, messages: readonly Message[]): Promise<void> {
    const values = [thread, JSON.stringify(messages)];
    await this.#pool.query(`INSERT INTO thread VALUES ($1, $2) ${upsert}`, values);
  }

  async add(thread: string, input: string, request: string = randomUUID()): Promise<object> {
    const steps = JSON.stringify([{ role: "user", content: input }]);
    const { rows } = await this.#pool.query(insert, [randomUUID(), thread, request, steps]);
    return rows[0] as object;
  }

  async look(id: string): Promise<object | null> {
    const select = "SELECT id, state, steps->-1->>'content' AS output FROM job WHERE id = $1";
    return (await this.#pool.query<object>(select, [id])).rows[0] ?? null;
  }

  async take(): Promise<Job | null> {
    return (await this.#pool.query<Job>(this.#take)).rows[0] ?? null;
  }

  /** Leaves the steps alone: it runs beside `keep`, and must not overwrite newer steps. */
  async renew({ id, holder }: Job): Promise<void> {
    const update = `UPDATE job SET until = now() + interval '3 s' ${own}`;
    mustBeOwn(await this.#pool.query(update, [id, holder]));
  }

  async keep({ id, holder, steps }: Job): Promise<void> {
    const update = `UPDATE job SET steps = $3, until = now() + interval '3 s' ${own}`;
    mustBeOwn(await this.#pool.query(update, [id, holder, JSON.stringify(steps)]));
  }

  async done({ id, holder, thread, steps }: Job, messages: readonly Message[]): Promise<void> {
    // One statement saves both, so that a finished job is always in its thread.
    const finish = `
      WITH ended AS (UPDATE job SET state = 'done', steps = $3 ${own} RETURNING 1)
      INSERT INTO thread SELECT $4, $5::jsonb FROM ended ${upsert}`;
    const values = [id, holder, JSON.stringify(steps), thread, JSON.stringify(messages)];
    mustBeOwn(await this.#pool.query(finish, values));
  }

  async fail({ id, holder }: Job): Promise<void> {
    await this.#pool.query(`UPDATE job SET state = 'failed' ${own}`, [id, holder]);
  }
}

function mustBeOwn({ rowCount }: pg.QueryResult): void {
  if (rowCount === 0) throw new Error("somebody else has the job");
}
