import type { Readable } from "node:stream";

const linesKept = 20;
const lineLength = 500;
const excerptLength = 200;

/** The last lines of a process's output, bounded: a service may print a gigabyte. */
export class Output {
  #lines: string[] = [];

  get lastLines(): readonly string[] {
    return this.#lines;
  }

  /** For use in a sentence: the last line that looks like an error, or else the last lines. */
  get excerpt(): string {
    const error = this.#lines.findLast((line) => /^[\w.]*(Error|Exception)\b.*:/.test(line));
    const last = error === undefined ? this.#lines.slice(-3) : [error];
    return last.map((line) => line.slice(0, excerptLength)).join(" · ");
  }

  read(stream: Readable): void {
    let rest = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = (lines.pop() ?? "").slice(-lineLength);
      for (const line of lines.slice(-linesKept)) this.add(line);
    });
    stream.on("end", () => this.add(rest));
    // The pipe may break when its process dies: the process's end is recorded elsewhere.
    stream.on("error", () => {});
  }

  add(line: string): void {
    if (line.trim() === "") return;
    this.#lines.push(line.slice(0, lineLength));
    if (this.#lines.length > linesKept) this.#lines = this.#lines.slice(-linesKept);
  }
}
