import pg from "pg";

export type Row = Readonly<Record<string, unknown>>;

const connectTimeoutMs = 10_000;

/**
 * A connection of the harness. It opens at the first query, and reopens after a cut: a fault that
 * restarts the server or ends every backend must not stop the harness.
 */
export class Connection implements AsyncDisposable {
  readonly #url: string;
  readonly #application: string;
  readonly #place: string;
  #client: Promise<pg.Client> | null = null;
  #turn: Promise<void> = Promise.resolve();

  /** `place`: where the user gave the address, for error messages. */
  constructor(url: string, application: string, place = "--database-url") {
    this.#url = url;
    this.#application = application;
    this.#place = place;
  }

  /**
   * Returns the rows of the (last) statement. Queries run one after the other.
   * @throws the error of pg; if the server is unreachable, an Error that names its address.
   */
  query(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    const answer = this.#turn.then(() => this.#ask(sql, params));
    this.#turn = answer.then(
      () => {},
      () => {},
    );
    return answer;
  }

  async #ask(sql: string, params: readonly unknown[]): Promise<Row[]> {
    const client = await (this.#client ??= this.#connect());
    // Without parameters pg uses the simple protocol, which accepts several statements at once.
    const result =
      params.length === 0 ? await client.query(sql) : await client.query(sql, [...params]);
    const last = Array.isArray(result) ? (result as pg.QueryResult[]).at(-1) : result;
    return (last?.rows ?? []) as Row[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.then((it) => it.end()).catch(() => {}); // it may be cut already
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: this.#application,
      connectionTimeoutMillis: connectTimeoutMs,
    });
    const forget = () => (this.#client = null);
    client.on("error", forget).on("end", forget);
    try {
      await client.connect();
      return client;
    } catch (cause) {
      forget();
      throw new Error(unreachable(this.#url, this.#place, cause as Error & { code?: string }), {
        cause,
      });
    }
  }
}

/** Never shows the whole address, because it contains the password. */
function unreachable(url: string, place: string, cause: Error & { code?: string }): string {
  const { hostname, port, username, pathname } = new URL(url);
  const where = `${hostname}:${port || 5432}`;
  // A SQLSTATE has five characters; socket errors (ECONNREFUSED, ENOTFOUND) have longer codes.
  if (cause.code?.length === 5) {
    const who = `user "${decodeURIComponent(username)}" on database "${pathname.slice(1)}"`;
    return `the Postgres at ${where} refuses ${who} (${cause.message}): check ${place}`;
  }
  const why = cause.code ?? cause.message;
  return `no Postgres answers at ${where} (${why}): start it, correct ${place}, or leave that out`;
}
