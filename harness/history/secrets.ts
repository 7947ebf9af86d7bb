/** Replaces a secret. */
const veil = "***";

/** A shorter value occurs in texts by chance. */
const leastLength = 4;
/** At least so much of a secret that was cut off, at its end or its beginning, is veiled. */
const leastPiece = 8;

/**
 * Values that must never reach a report, a log or the terminal, in every form in which they come:
 * plain, in a URL, in JSON, in base64 (as of Basic auth, wherever it stands within), and cut off.
 */
export class Secrets {
  readonly #values = new Set<string>();
  /** The longest first: one may be a part of another. */
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
    let veiled = text;
    for (const form of this.#forms) veiled = veiled.replaceAll(form, veil);
    for (const form of this.#forms) veiled = withoutPieces(veiled, form);
    return veiled;
  }

  /** Every text in plain data, at any depth; names of fields stay. */
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

/** Its base64 within a longer text: at each of three offsets, in both alphabets. */
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

/** Texts are cut to a length, so more than half of a secret is veiled too, longest part first. */
function withoutPieces(text: string, form: string): string {
  const least = Math.max(leastPiece, Math.ceil((form.length + 1) / 2));
  const begin = (length: number) => form.slice(0, length);
  const end = (length: number) => form.slice(-length);
  let veiled = text;
  for (const part of [begin, end]) {
    if (form.length <= least || !veiled.includes(part(least))) continue;
    for (let length = form.length - 1; length >= least; length -= 1) {
      veiled = veiled.replaceAll(part(length), veil);
    }
  }
  return veiled;
}
