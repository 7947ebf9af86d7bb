import type { HttpResponse } from "./http-client.ts";

/** A response in a few words: its status and the beginning of its body. */
export function describeResponse({
  status,
  headers,
  body,
}: Pick<HttpResponse, "status" | "headers" | "body">): string {
  if (status !== null && status >= 300 && status < 400 && headers.location !== undefined) {
    return `${status} to ${headers.location}, and redirects are not followed: configure that path`;
  }
  if (body.trim() === "") return `${status} and an empty body`;
  return `${status} ${isPage(body) ? "and a page of HTML: " : ""}${short(body)}`;
}

/** HTML, as from a proxy or from a front end that answers every path. */
export function isPage(body: string): boolean {
  return /^\s*<(!doctype html|html)/i.test(body);
}

export function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
