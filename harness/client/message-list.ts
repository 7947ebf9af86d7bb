import type { Condition } from "../config/condition.ts";
import { fits } from "../config/condition.ts";
import { type JsonPaths, placeInWords, select } from "../config/json-path.ts";
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
 * Whether a path finds nothing because there is nothing to find: what stands on the way to it ends
 * in a list or an object that is empty, as in `{"values": {}}`. An answer that has other things in
 * it, as an error, says nothing of the thread.
 */
function isEmptyAt(json: unknown, path: string): boolean {
  const steps = stepsOf(path);
  for (let length = steps.length; length >= 0; length -= 1) {
    const [value] = select(json, `$${steps.slice(0, length).join("")}`);
    if (value === undefined) continue;
    return typeof value === "object" && value !== null && Object.keys(value).length === 0;
  }
  return false;
}

/** Its steps, as far as each is one place: `$.a["b"][0][*].c` has `.a`, `["b"]` and `[0]`. */
function stepsOf(path: string): readonly string[] {
  return (
    /^\$((?:\.[\w-]+|\[(?:\d+|'[^']*'|"[^"]*")\])*)/
      .exec(path)?.[1]
      ?.match(/\.[\w-]+|\[[^\]]*\]/g) ?? []
  );
}
