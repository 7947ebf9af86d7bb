import type { Condition } from "../config/condition.ts";
import { fits } from "../config/condition.ts";
import { deepestOn, type JsonPaths, placeInWords, select } from "../config/json-path.ts";
import { conditioned, isSuccess } from "./interpret.ts";
import { jsonIn } from "./stream-reader.ts";
import type { HttpResponse } from "./http-client.ts";
import { describeResponse } from "./describe-response.ts";

/** The place of a thread's messages in a response. */
export interface View {
  readonly list: JsonPaths;
  readonly newestFirst: boolean;
  readonly absent: readonly (number | Condition)[];
}

/** The messages of a thread as texts, the oldest first; or why they are unknown. */
export type Listed =
  | { readonly kind: "listed"; readonly texts: readonly string[] }
  | { readonly kind: "unknown"; readonly why: string };

export function listIn(response: HttpResponse, view: View): Listed {
  if (response.delivery !== "complete") return { kind: "unknown", why: response.why };
  const isAbsent = view.absent.some((it) => {
    const condition = typeof it === "number" ? { status: it } : it;
    return fits(condition, conditioned(response), isSuccess);
  });
  if (isAbsent) return { kind: "listed", texts: [] };
  if (!isSuccess(response.status)) return { kind: "unknown", why: describeResponse(response) };
  const json = jsonIn(response.body);
  const values = select(json, view.list);
  if (values.length === 0 && ![view.list].flat().some((path) => isEmptyAt(json, path))) {
    const why = `no list at ${placeInWords(view.list)}: ${describeResponse(response)}`;
    return { kind: "unknown", why };
  }
  const texts = values.map((it) => (typeof it === "string" ? it : JSON.stringify(it)));
  return { kind: "listed", texts: view.newestFirst ? texts.toReversed() : texts };
}

/** The value at each path, as text; the empty text if there is no value. */
export function channelsIn(
  response: HttpResponse,
  channels: Readonly<Record<string, JsonPaths>>,
): Readonly<Record<string, string>> {
  const json = response.delivery === "complete" ? jsonIn(response.body) : undefined;
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
 * Whether the response has no list yet: the path ends early in an empty list or object, as in
 * `{"values": {}}`. A response with other content, such as an error, is not an empty thread.
 */
function isEmptyAt(json: unknown, path: string): boolean {
  const value = deepestOn(json, path);
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
