import type { Condition } from "../config/condition.ts";
import { fits } from "../config/condition.ts";
import { deepestOn, type JsonPaths, placeInWords, select } from "../config/json-path.ts";
import { conditioned } from "./interpret.ts";
import { jsonIn } from "./stream-reader.ts";
import type { Exchange } from "./http-client.ts";
import { inWords } from "./describe-answer.ts";

/** How the messages of a thread stand in an answer. */
export interface View {
  readonly list: JsonPaths;
  readonly newestFirst: boolean;
  readonly absent: readonly (number | Condition)[];
}

/** The messages of a thread, each as text, the oldest first; or why they are not known. */
export type Listed =
  | { readonly kind: "listed"; readonly texts: readonly string[] }
  | { readonly kind: "unknown"; readonly why: string };

export function listIn(exchange: Exchange, view: View): Listed {
  if (exchange.kind !== "answered") return { kind: "unknown", why: exchange.why };
  const { heard } = exchange;
  const isAbsent = view.absent.some((it) => {
    const condition = typeof it === "number" ? { status: it } : it;
    return fits(condition, conditioned(heard), (status) => status < 300);
  });
  if (isAbsent) return { kind: "listed", texts: [] };
  if (heard.status >= 300) return { kind: "unknown", why: inWords(heard) };
  const json = jsonIn(heard.body);
  const values = select(json, view.list);
  if (values.length === 0 && ![view.list].flat().some((path) => isEmptyAt(json, path))) {
    const why = `no list at ${placeInWords(view.list)}: ${inWords(heard)}`;
    return { kind: "unknown", why };
  }
  const texts = values.map((it) => (typeof it === "string" ? it : JSON.stringify(it)));
  return { kind: "listed", texts: view.newestFirst ? texts.toReversed() : texts };
}

/** What stands at each of these places, as text; what is not there is the empty text. */
export function channelsIn(
  exchange: Exchange,
  channels: Readonly<Record<string, JsonPaths>>,
): Readonly<Record<string, string>> {
  const json = exchange.kind === "answered" ? jsonIn(exchange.heard.body) : undefined;
  return Object.fromEntries(
    Object.entries(channels).map(([name, path]) => [
      name,
      select(json, path)
        .map((it) => JSON.stringify(it))
        .join(" "),
    ]),
  );
}

/**
 * Whether the answer has no list yet: the way to the path ends in an empty list or object, as in
 * `{"values": {}}`. An answer with other content, as an error, is not an empty thread.
 */
function isEmptyAt(json: unknown, path: string): boolean {
  const value = deepestOn(json, path);
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
