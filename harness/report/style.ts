import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it: who calls knows the stream, NO_COLOR and the terminal. */
export type Style = (format: Format, text: string) => string;

export function styleFor(color: boolean): Style {
  return color
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_, text) => text;
}

/** Breaks a text between words; a word that is longer than a line stays whole, to be copied. */
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
