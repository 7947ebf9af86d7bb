import { closeSync, openSync, writeSync } from "node:fs";
import type { Entry, Event, History, Recorder } from "./history.ts";
import type { Header } from "./header.ts";
import { Secrets } from "./secrets.ts";

/**
 * Where histories go while they happen: a file of JSON lines, flushed entry by entry, so that it
 * can be read after a crash. A line is `{"header": …}` at the beginning of a run of a scenario,
 * else an entry with the `run` that it belongs to.
 */
export class HistoryFile implements Disposable {
  readonly path: string;
  readonly #file: number;
  /** The first failure to write: a full disk must not fell the run from inside a callback. */
  failure: Error | null = null;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "w");
  }

  write(line: object): void {
    if (this.failure !== null) return;
    try {
      writeSync(this.#file, `${JSON.stringify(line)}\n`);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.failure = new Error(
        `cannot write ${this.path} (${why}): free some space, or name another folder with --reports`,
        { cause },
      );
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/**
 * A history while it is being made: one clock, one sequence. Several runs may follow one another on
 * the same replicas; each is a history of its own, from `seq` 1.
 */
export class Recording implements Recorder, History {
  #header: Header;
  #entries: Entry[] = [];
  /** Null between two runs: what happens then is in neither of them. */
  #file: HistoryFile | null;
  readonly #openFile: HistoryFile | null;
  readonly #secrets: Secrets;
  #began = performance.now();

  constructor(header: Header, file: HistoryFile | null, secrets = new Secrets()) {
    this.#header = header;
    this.#openFile = file;
    this.#file = file;
    this.#secrets = secrets;
    file?.write({ header });
  }

  get header(): Header {
    return this.#header;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Hides a secret in every entry from now on. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  record(event: Event): Entry {
    return this.#add(performance.now() - this.#began, this.#secrets.redactIn(event));
  }

  /** Ends a run: the history of it, to which nothing is added any more. */
  end(): History {
    this.#file = null;
    return { header: this.#header, entries: [...this.#entries] };
  }

  /**
   * Begins another run. `carried`: entries of the one before that are true of this one too, such as
   * the start of a replica; they come first, with the distances in time that they had.
   */
  beginNext(run: string, carried: readonly Entry[]): void {
    const inOrder = carried.toSorted((one, other) => one.seq - other.seq);
    const first = inOrder[0]?.at ?? performance.now() - this.#began;
    this.#header = { ...this.#header, run, startedAt: new Date().toISOString() };
    this.#entries = [];
    this.#began += first;
    this.#file = this.#openFile;
    this.#file?.write({ header: this.#header });
    for (const { seq: _, at, ...event } of inOrder) this.#add(at - first, event);
  }

  #add(at: number, event: Event): Entry {
    const stamp = { seq: this.#entries.length + 1, at: Math.round(at * 1000) / 1000 };
    const entry = { ...stamp, ...event };
    this.#entries.push(entry);
    this.#file?.write({ run: this.#header.run, ...entry });
    return entry;
  }
}
