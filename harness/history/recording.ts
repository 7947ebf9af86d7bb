import { closeSync, openSync, writeSync } from "node:fs";
import type { Entry, Event, History, Recorder } from "./history.ts";
import type { Header } from "./header.ts";
import { Secrets } from "./secrets.ts";

/**
 * A file of JSON lines to which histories are written entry by entry, so that it is readable after
 * a crash. The first line of a run is `{"header": …}`. The others are entries, each with its `run`.
 */
export class HistoryFile implements Disposable {
  readonly path: string;
  readonly #file: number;
  /** The first write error. It is kept, not thrown: a full disk must not crash a callback. */
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
        `cannot write ${this.path} (${why}): free some space, or choose another folder with --reports`,
        { cause },
      );
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/**
 * A history that is being recorded, with one clock and one sequence. Successive runs may use the
 * same replicas. Each run has its own history, which starts at `seq` 1.
 */
export class Recording implements Recorder, History {
  #header: Header;
  #entries: Entry[] = [];
  /** Null between two runs: entries recorded then belong to neither. */
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

  /** Redacts a secret in every later entry. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  record(event: Event): Entry {
    return this.#add(performance.now() - this.#began, this.#secrets.redactIn(event));
  }

  /** Ends the run and returns its complete history. */
  end(): History {
    this.#file = null;
    return { header: this.#header, entries: [...this.#entries] };
  }

  /**
   * Begins another run. `carried`: entries of the previous run that also apply to this one, such as
   * the start of a replica. They come first and keep their time differences.
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
