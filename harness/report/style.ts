import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colours a text, or returns it unchanged: see `styleFor`. */
export type Style = (format: Format, text: string) => string;

export function styleFor(color: boolean): Style {
  return color
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_, text) => text;
}

/** Breaks a text between words. A word longer than a line stays whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
