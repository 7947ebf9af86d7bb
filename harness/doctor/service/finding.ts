import { methodAndPath, type Request } from "../../config/request.ts";

/**
 * Result for one part of a target. `works`: it works. `broken`: it is declared and does not work.
 * `open`: it is not declared, cannot be observed, or depends on a broken part.
 */
export interface Finding {
  readonly state: "works" | "broken" | "open";
  /** The observation and, if the part does not work, the remedy, in one sentence. */
  readonly says: string;
}

export const works = (says: string): Finding => ({ state: "works", says });
export const broken = (says: string): Finding => ({ state: "broken", says });
export const open = (says: string): Finding => ({ state: "open", says });

/** The text on one line, truncated to `width` characters. */
export function short(text: string, width = 160): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** Method and declared path: "POST /chat". */
export function pathOf(request: Request): string {
  const { method, path } = methodAndPath(request);
  return `${method} ${path}`;
}
