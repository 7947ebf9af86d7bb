import { createParser } from "eventsource-parser";

/** One event of a stream, or one of its lines. */
export interface StreamEvent {
  /** The name in `event: name`; null: no name. */
  readonly name: string | null;
  readonly text: string;
  /** Undefined if the text is not JSON. */
  readonly json: unknown;
}

export interface StreamOptions {
  readonly kind: "events" | "lines";
  /** A longer pause between events breaks the stream; undefined: only the response has a limit. */
  readonly idleMs: number | undefined;
  /** How long it is read after an event that completes it. */
  readonly lingerMs: number;
  /** Whether the event completes the stream. */
  readonly ends: (event: StreamEvent) => boolean;
  /** Whether the event is an error, which is final. */
  readonly fails: (event: StreamEvent) => boolean;
}

/** Parses a stream while it arrives. */
export class StreamReader {
  readonly events: StreamEvent[] = [];
  readonly options: StreamOptions;
  /** Whether an event has ended it. */
  over = false;
  failed = false;
  readonly #feed: (text: string) => void;

  constructor(options: StreamOptions) {
    this.options = options;
    this.#feed = options.kind === "events" ? this.#serverSent() : this.#lines();
  }

  /** True if the text completed an event. */
  push(text: string): boolean {
    const before = this.events.length;
    this.#feed(text);
    return this.events.length > before;
  }

  /** Ends the input. A last event without its blank line, or line end, counts as well. */
  end(): void {
    this.#feed("\n\n");
  }

  /** Joins several `data:` lines to one text, and ignores comments and pings. */
  #serverSent(): (text: string) => void {
    const parser = createParser({ onEvent: ({ event, data }) => this.#take(event ?? null, data) });
    return (text) => parser.feed(text);
  }

  /** Ignores blank lines: they are heartbeats. */
  #lines(): (text: string) => void {
    let rest = "";
    return (text) => {
      const end = text.lastIndexOf("\n");
      const lines = end < 0 ? [] : `${rest}${text.slice(0, end)}`.split("\n");
      rest = end < 0 ? rest + text : text.slice(end + 1);
      for (const line of lines) if (line.trim() !== "") this.#take(null, line.trimEnd());
    };
  }

  #take(name: string | null, text: string): void {
    const event = { name, text, json: jsonIn(text) };
    this.events.push(event);
    this.failed ||= this.options.fails(event);
    this.over ||= this.failed || this.options.ends(event);
  }
}

/** Parses JSON, with any whitespace around it; undefined if the text is not JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
