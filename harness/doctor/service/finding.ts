import { methodAndPath, type Request } from "../../config/request.ts";

/**
 * What was seen of one part of a target. `works` · `broken`: it is declared, and does not do what
 * it should · `open`: it is not declared, cannot be seen, or rests on something that is broken.
 */
export interface Finding {
  readonly state: "works" | "broken" | "open";
  /** What was seen; where it does not work, what to do about it, in the same sentence. */
  readonly says: string;
}

export const works = (says: string): Finding => ({ state: "works", says });
export const broken = (says: string): Finding => ({ state: "broken", says });
export const open = (says: string): Finding => ({ state: "open", says });

/** On one line, and not too long of it. */
export function short(text: string, width = 160): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** "POST /chat", as it is declared. */
export function pathOf(request: Request): string {
  const { method, path } = methodAndPath(request);
  return `${method} ${path}`;
}
