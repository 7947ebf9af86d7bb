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

/** A history while it is being made: one clock, one sequence. */
export class Recording implements Recorder, History {
  readonly header: Header;
  readonly entries: Entry[] = [];
  readonly #file: HistoryFile | null;
  readonly #secrets: Secrets;
  readonly #began = performance.now();

  constructor(header: Header, file: HistoryFile | null, secrets = new Secrets()) {
    this.header = header;
    this.#file = file;
    this.#secrets = secrets;
    file?.write({ header });
  }

  /** Hides a secret in every entry from now on. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  record(event: Event): Entry {
    const at = Math.round((performance.now() - this.#began) * 1000) / 1000;
    const entry = { seq: this.entries.length + 1, at, ...this.#secrets.redactIn(event) };
    this.entries.push(entry);
    this.#file?.write({ run: this.header.run, ...entry });
    return entry;
  }
}
