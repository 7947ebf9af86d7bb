import type { Heard } from "./http-client.ts";

/** An answer in a sentence. */
export function inWords({ status, headers, body }: Pick<Heard, "status" | "headers" | "body">) {
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    return `${status} to ${headers.location}, and redirects are not followed: give that path`;
  }
  if (body.trim() === "") return `${status} and an empty body`;
  return `${status} ${isPage(body) ? "and a page of HTML: " : ""}${short(body)}`;
}

/** HTML as of a proxy, or of a frontend that answers whatever it is asked. */
export function isPage(body: string): boolean {
  return /^\s*<(!doctype html|html)/i.test(body);
}

export function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
