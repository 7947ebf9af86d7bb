import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document } from "./document.ts";

/**
 * Parses YAML 1.2, which includes JSON. Supports anchors and merge keys (`<<`), and rejects
 * duplicate keys. Throws an Error with one line per mistake.
 */
export function yamlDocument(text: string, file: string): Document {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    // Later mistakes in the same line are consequences of the first one.
    const mistakes = new Map(
      document.errors.toReversed().map((it) => [lineAt(it.pos[0]), it.message]),
    );
    const sentences = [...mistakes].toReversed().map(([line, says]) => `${file}:${line}: ${says}`);
    throw new Error([...sentences, ...hintFor(text)].join("\n"));
  }
  return {
    value: valueOf(() => document.toJS() as unknown, file),
    lineOf(path) {
      let node: unknown = document.contents;
      let line = rangeOf(node);
      for (const key of path) {
        if (isAlias(node)) node = node.resolve(document);
        if (isMap(node)) {
          const pair = node.items.find((it) => isScalar(it.key) && String(it.key.value) === key);
          if (pair === undefined) break;
          line = rangeOf(pair.key) ?? line;
          node = pair.value;
        } else if (isSeq(node) && typeof key === "number" && key in node.items) {
          node = node.items[key];
          line = rangeOf(node) ?? line;
        } else {
          break;
        }
      }
      return line === null ? null : lineAt(line);
    },
  };
}

/** Offset in the text at which a node begins. */
function rangeOf(node: unknown): number | null {
  if (typeof node !== "object" || node === null || !("range" in node)) return null;
  const { range } = node;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : null;
}

/** Adds the file name to an error. An alias without its anchor fails only here. */
function valueOf(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${file}: ${why}`, { cause });
  }
}

/** Inside a flow mapping, YAML reads the braces of `${name}` as a mapping. */
function hintFor(text: string): string[] {
  return /\{[^"'\n]*\$\{/.test(text)
    ? ['inside { } a string with ${names} needs quotes: { thread: "${thread}" }']
    : [];
}
