import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document } from "./document.ts";

/**
 * Reads YAML 1.2, and so JSON. Anchors and merge keys (`<<`) are understood, a key that stands
 * twice is a mistake. Throws one sentence per mistake, with its line.
 */
export function yamlDocument(text: string, file: string): Document {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    // What is found in the same line after the first mistake is its consequence.
    const mistakes = new Map(
      document.errors.toReversed().map((it) => [lineAt(it.pos[0]), it.message]),
    );
    const told = [...mistakes].toReversed().map(([line, says]) => `${file}:${line}: ${says}`);
    throw new Error([...told, ...hintFor(text)].join("\n"));
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

/** An alias without its anchor is only told here. */
function valueOf(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${file}: ${why}`, { cause });
  }
}

/** Between braces YAML takes the brace of `${name}` for its own. */
function hintFor(text: string): string[] {
  return /\{[^"'\n]*\$\{/.test(text)
    ? ['between { and } a text with ${names} needs quotes: { thread: "${thread}" }']
    : [];
}
