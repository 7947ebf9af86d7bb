import { type Conditioned, fits } from "../config/condition.ts";
import type { Meaning, Reply } from "../config/reply-rules.ts";
import { type JsonPaths, placeInWords, select, type Source } from "../config/json-path.ts";
import { lastOfAssistant, textOf } from "./message-text.ts";
import { errorIn, streamedReply } from "./stream.ts";
import { jsonIn } from "./stream-reader.ts";
import type { Exchange, Heard } from "./http-client.ts";
import { inWords, isPage, short } from "./describe-answer.ts";

/** What an answer comes to. */
export type Says =
  | { readonly kind: "replied"; readonly reply: string }
  /** It will be done; the reply is not in the answer. */
  | { readonly kind: "accepted" }
  | { readonly kind: "interrupted"; readonly approval: string }
  /** By its own words nothing happened. */
  | { readonly kind: "refused"; readonly why: string }
  /** Certain: nothing reached it. */
  | { readonly kind: "unsent"; readonly why: string }
  /** It may have happened. */
  | { readonly kind: "unknown"; readonly why: string };

/** What is known of a service's answers. */
export interface Manners {
  readonly reply: Reply;
  readonly means: readonly Meaning[];
  readonly refusals: readonly number[];
}

/** What an exchange says. What is not sure to be a reply, an interrupt or a refusal is unknown. */
export function saysOf(exchange: Exchange, manners: Manners): Says {
  if (exchange.kind === "unsent") return exchange;
  if (exchange.kind === "broken") return { kind: "unknown", why: exchange.why };
  const { heard } = exchange;
  const means = meaningOf(heard, manners.means);
  const why = inWords(heard);
  if (means === "refused") return { kind: "refused", why };
  if (means === "failed") return { kind: "unknown", why: `an error inside ${why}` };
  const error = errorIn(heard.events, manners.reply);
  if (error !== null) return { kind: "unknown", why: error };
  if (means === "interrupted") return { kind: "interrupted", approval: short(heard.body) };
  if (means === null && heard.status >= 300) {
    return { kind: manners.refusals.includes(heard.status) ? "refused" : "unknown", why };
  }
  const said = replyIn(heard, manners.reply);
  // Whoever declares that this is well wants no reply in it.
  return said.kind === "unknown" && means === "ok" ? { kind: "replied", reply: "" } : said;
}

/** What the first meaning that fits says; null: none does. */
function meaningOf(heard: Heard, means: readonly Meaning[]): Meaning["means"] | null {
  const answer = conditioned(heard);
  return means.find((it) => fits(it, answer, (status) => status < 300))?.means ?? null;
}

/** As conditions see it. */
export function conditioned({ status, body, events }: Heard): Conditioned {
  const values = events.length > 0 ? events.map(({ json }) => json) : [jsonIn(body)];
  return { status, body, values };
}

/** What stands at the place that a source names; undefined: nothing. */
export function found(heard: Heard, source: Source): unknown {
  if (typeof source === "string") {
    const values = conditioned(heard).values.flatMap((value) => select(value, source));
    return values.find((value) => value !== null);
  }
  if ("header" in source) return [heard.headers[source.header.toLowerCase()] ?? []].flat()[0];
  const cookies = [heard.headers["set-cookie"] ?? []].flat().map((it) => it.split(";", 1)[0] ?? "");
  const mine = cookies.findLast((it) => it.startsWith(`${source.cookie}=`));
  return mine?.slice(source.cookie.length + 1);
}

function replyIn(heard: Heard, reply: Reply): Says {
  if (typeof reply === "string" || !("kind" in reply)) return replyAt(heard, reply);
  switch (reply.kind) {
    case "json":
      return replyAt(heard, reply.path);
    case "messages":
      return lastMessageAt(heard, reply.path);
    case "text":
      return isPage(heard.body) || heard.body.trim() === ""
        ? noReply(heard, "in the body")
        : { kind: "replied", reply: heard.body };
    case "events":
    case "lines": {
      const said = streamedReply(heard.events, reply);
      if ("reply" in said) return { kind: "replied", ...said };
      const body = heard.events.length === 0 ? `: ${inWords(heard)}` : "";
      return { kind: "unknown", why: `${said.why}${body}` };
    }
    case "job":
    case "state":
      return { kind: "accepted" };
  }
}

/** The reply in a JSON body; of several values the last counts. A null is none. */
export function replyAt(heard: Heard, paths: JsonPaths): Says {
  const json = jsonIn(heard.body);
  const last = [paths].flat().map((path) => select(json, path).at(-1) ?? null);
  const value = last.find((it) => it !== null) ?? null;
  if (value === null) return noReply(heard, `at ${placeInWords(paths)}`);
  return { kind: "replied", reply: textOf(value) };
}

function lastMessageAt(heard: Heard, paths: JsonPaths): Says {
  const message = lastOfAssistant(select(jsonIn(heard.body), paths));
  if (message === undefined) return noReply(heard, `of the assistant at ${placeInWords(paths)}`);
  return { kind: "replied", reply: textOf(message) };
}

function noReply(heard: Heard, where: string): Says {
  return { kind: "unknown", why: `no reply ${where}: ${inWords(heard)}` };
}
