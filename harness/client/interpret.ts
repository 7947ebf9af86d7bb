import type { Outcome } from "../history/history.ts";
import { type Conditioned, fits } from "../config/condition.ts";
import type { Meaning as DeclaredMeaning, Reply as ReplyRule } from "../config/reply-rules.ts";
import { type JsonPaths, placeInWords, select, type Source } from "../config/json-path.ts";
import { lastOfAssistant, textOf } from "./message-text.ts";
import { errorIn, streamedReply } from "./stream.ts";
import { jsonIn } from "./stream-reader.ts";
import type { HttpResponse } from "./http-client.ts";
import { describeResponse, isPage, short } from "./describe-response.ts";

/** What a response means. */
export type Meaning =
  | Outcome
  /** The service will do it; the reply is not in this response. */
  | { readonly kind: "accepted" }
  /** The service says itself that it did nothing. */
  | { readonly kind: "refused"; readonly why: string };

/** The rules by which the harness reads a service's responses. */
export interface ReplyRules {
  readonly reply: ReplyRule;
  readonly means: readonly DeclaredMeaning[];
  readonly refusals: readonly number[];
}

/** Interprets a response. The meaning is `unknown` unless it clearly is a declared one. */
export function interpret(response: HttpResponse, rules: ReplyRules): Meaning {
  const { delivery, status } = response;
  if (delivery === "unsent") return { kind: "failed", why: response.why };
  if (delivery === "broken") return { kind: "unknown", why: response.why };
  const declared = declaredMeaning(response, rules.means);
  const why = describeResponse(response);
  if (declared === "refused") return { kind: "refused", why };
  if (declared === "failed") return { kind: "unknown", why: `an error inside ${why}` };
  const error = errorIn(response.events, rules.reply);
  if (error !== null) return { kind: "unknown", why: error };
  if (declared === "interrupted") return { kind: "interrupted", approval: short(response.body) };
  if (declared === null && !isSuccess(status)) {
    return { kind: rules.refusals.includes(status ?? 0) ? "refused" : "unknown", why };
  }
  const said = replyIn(response, rules.reply);
  // A response that the configuration declares to be ok needs no reply.
  return said.kind === "unknown" && declared === "ok" ? { kind: "ok", reply: "" } : said;
}

export const isSuccess = (status: number | null): boolean => status !== null && status < 300;

/** The first declared meaning that fits; null: none does. */
function declaredMeaning(
  response: HttpResponse,
  means: readonly DeclaredMeaning[],
): DeclaredMeaning["means"] | null {
  const answer = conditioned(response);
  return means.find((it) => fits(it, answer, isSuccess))?.means ?? null;
}

/** A response in the form that conditions test. */
export function conditioned({ status, body, events }: HttpResponse): Conditioned {
  const values = events.length > 0 ? events.map(({ json }) => json) : [jsonIn(body)];
  return { status: status ?? 0, body, values };
}

/** The value at the place that a source names; undefined: no value. */
export function found(response: HttpResponse, source: Source): unknown {
  if (typeof source === "string") {
    const values = conditioned(response).values.flatMap((value) => select(value, source));
    return values.find((value) => value !== null);
  }
  if ("header" in source) return [response.headers[source.header.toLowerCase()] ?? []].flat()[0];
  const cookies = [response.headers["set-cookie"] ?? []]
    .flat()
    .map((it) => it.split(";", 1)[0] ?? "");
  const mine = cookies.findLast((it) => it.startsWith(`${source.cookie}=`));
  return mine?.slice(source.cookie.length + 1);
}

function replyIn(response: HttpResponse, reply: ReplyRule): Meaning {
  if (typeof reply === "string" || !("kind" in reply)) return replyAt(response, reply);
  switch (reply.kind) {
    case "json":
      return replyAt(response, reply.path);
    case "messages":
      return lastMessageAt(response, reply.path);
    case "text":
      return isPage(response.body) || response.body.trim() === ""
        ? noReply(response, "in the body")
        : { kind: "ok", reply: response.body };
    case "events":
    case "lines": {
      const said = streamedReply(response.events, reply);
      if ("reply" in said) return { kind: "ok", ...said };
      const body = response.events.length === 0 ? `: ${describeResponse(response)}` : "";
      return { kind: "unknown", why: `${said.why}${body}` };
    }
    case "job":
    case "state":
      return { kind: "accepted" };
  }
}

/** The reply in a JSON body: the last value at the path that is not null. */
export function replyAt(response: HttpResponse, paths: JsonPaths): Meaning {
  const json = jsonIn(response.body);
  const last = [paths].flat().map((path) => select(json, path).at(-1) ?? null);
  const value = last.find((it) => it !== null) ?? null;
  if (value === null) return noReply(response, `at ${placeInWords(paths)}`);
  return { kind: "ok", reply: textOf(value) };
}

function lastMessageAt(response: HttpResponse, paths: JsonPaths): Meaning {
  const message = lastOfAssistant(select(jsonIn(response.body), paths));
  if (message === undefined) return noReply(response, `of the assistant at ${placeInWords(paths)}`);
  return { kind: "ok", reply: textOf(message) };
}

function noReply(response: HttpResponse, where: string): Meaning {
  return { kind: "unknown", why: `no reply ${where}: ${describeResponse(response)}` };
}
