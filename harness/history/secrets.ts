/** The replacement for a secret. */
const mask = "***";

/** Shorter values are not redacted: they occur in texts by chance. */
const leastLength = 4;
/** The shortest prefix or suffix of a truncated secret that is redacted. */
const leastPiece = 8;

/**
 * Values that must never reach a report, a log or the terminal. Recognises each value in plain
 * text, in a URL, in JSON, inside base64 (as in Basic auth), and truncated.
 */
export class Secrets {
  readonly #values = new Set<string>();
  /** Longest first, because one form may contain another. */
  #forms: readonly string[] = [];

  constructor(values: Iterable<string> = []) {
    for (const value of values) this.add(value);
  }

  add(value: string): void {
    if (value.length < leastLength || this.#values.has(value)) return;
    this.#values.add(value);
    const all = new Set([...this.#forms, ...formsOf(value)]);
    this.#forms = [...all].toSorted((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    let redacted = text;
    for (const form of this.#forms) redacted = redacted.replaceAll(form, mask);
    for (const form of this.#forms) redacted = withoutPieces(redacted, form);
    return redacted;
  }

  /** Redacts every text in plain data, at any depth. Field names stay unchanged. */
  redactIn<T>(value: T): T {
    return this.#forms.length === 0 ? value : (this.#inside(value) as T);
  }

  #inside(value: unknown): unknown {
    if (typeof value === "string") return this.redact(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((it) => this.#inside(it));
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, this.#inside(item)]),
    );
  }
}

function formsOf(value: string): string[] {
  // A process prints a key or certificate line by line.
  const lines = value.split(/\r?\n/).filter((it) => it.length >= leastPiece);
  return [value, ...lines].flatMap((it) => {
    const url = encodeURIComponent(it);
    const form = new URLSearchParams({ it }).toString().slice("it=".length);
    const json = JSON.stringify(it).slice(1, -1);
    const nested = JSON.stringify(json).slice(1, -1);
    const lowercase = url.replaceAll(/%../g, (hex) => hex.toLowerCase());
    return [it, url, lowercase, form, json, nested, ...inBase64(it)];
  });
}

/** Base64 of the value inside a longer text: for each of three offsets and both alphabets. */
function inBase64(value: string): string[] {
  const bytes = Buffer.from(value);
  if (bytes.length < leastPiece) return [];
  return [0, 1, 2].flatMap((offset) => {
    const all = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    const own = all.slice(
      Math.ceil((offset * 8) / 6),
      Math.floor(((offset + bytes.length) * 8) / 6),
    );
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** Redacts prefixes and suffixes of more than half a secret: texts may have been truncated. */
function withoutPieces(text: string, form: string): string {
  const least = Math.max(leastPiece, Math.ceil((form.length + 1) / 2));
  const begin = (length: number) => form.slice(0, length);
  const end = (length: number) => form.slice(-length);
  let redacted = text;
  for (const part of [begin, end]) {
    if (form.length <= least || !redacted.includes(part(least))) continue;
    for (let length = form.length - 1; length >= least; length -= 1) {
      redacted = redacted.replaceAll(part(length), mask);
    }
  }
  return redacted;
}
