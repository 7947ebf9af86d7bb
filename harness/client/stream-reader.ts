import { createParser } from "eventsource-parser";

/** One event of a stream, or one of its lines. */
export interface StreamEvent {
  /** As in `event: name`; null: it has none. */
  readonly name: string | null;
  readonly text: string;
  /** Undefined where the text is no JSON. */
  readonly json: unknown;
}

export interface StreamOptions {
  readonly kind: "events" | "lines";
  /** Without an event for so long it is broken; undefined: only the whole answer has a limit. */
  readonly idleMs: number | undefined;
  /** After an event that ends it well, it is read for so long. */
  readonly lingerMs: number;
  /** Whether it ends the stream well. */
  readonly ends: (event: StreamEvent) => boolean;
  /** Whether it is an error, after which nothing can be well again. */
  readonly fails: (event: StreamEvent) => boolean;
}

/** Takes a stream while it comes. */
export class StreamReader {
  readonly events: StreamEvent[] = [];
  readonly options: StreamOptions;
  /** An event has ended it. */
  over = false;
  failed = false;
  readonly #feed: (text: string) => void;

  constructor(options: StreamOptions) {
    this.options = options;
    this.#feed = options.kind === "events" ? this.#serverSent() : this.#lines();
  }

  /** True: there was an event in it. */
  push(text: string): boolean {
    const before = this.events.length;
    this.#feed(text);
    return this.events.length > before;
  }

  /** It was closed in order: what lacks its blank line, or its line end, is an event as well. */
  end(): void {
    this.#feed("\n\n");
  }

  /** Several `data:` lines are one text. Comments and pings are no events. */
  #serverSent(): (text: string) => void {
    const parser = createParser({ onEvent: ({ event, data }) => this.#take(event ?? null, data) });
    return (text) => parser.feed(text);
  }

  /** A blank line is a heartbeat. */
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

/** A text as JSON, whatever blanks stand around it; undefined where it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
