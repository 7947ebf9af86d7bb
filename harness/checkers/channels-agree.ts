import type { EntryOf, History } from "../history/history.ts";
import type { Token } from "../history/token.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { andMore, faultsBetween, finding, verdictOf } from "./findings.ts";

/**
 * All parts of a thread's state belong to the same moment: the last message or reply in a channel
 * is the last one in the list of messages. Every serial order of the turns leaves such a state.
 */
export const channelsAgree: Checker = { name: "channels-agree", needs: ["channels"], judge };

type Sort = "q" | "a";

/** A read of the state whose parts are of different turns. */
interface Torn {
  readonly read: EntryOf<"read.end">;
  readonly channel: string;
  /** The newest token of its sort in the channel, and among the messages; null: none. */
  readonly held: Token | null;
  readonly listed: Token | null;
}

function judge(history: History): Verdict {
  const reads = entriesOf(history, "read.end").filter((read) => read.channels !== undefined);
  const sorts = sortsOf(reads);
  if (sorts.size === 0) {
    const because = "no channel ever held a message or a reply";
    return { kind: "inconclusive", because };
  }
  const torn = reads.flatMap((read) => tornIn(read, sorts));
  return verdictOf(findingOf(history, torn), { kind: "holds", checked: reads.length });
}

/**
 * The sort of tokens by which each channel is judged, if it ever held any. A channel with replies
 * is judged by replies alone: the next message is in the thread before its reply is in the channel.
 *
 */
function sortsOf(reads: readonly EntryOf<"read.end">[]): Map<string, Sort> {
  const sorts = new Map<string, Sort>();
  for (const { channels = {} } of reads) {
    for (const [channel, tokens] of Object.entries(channels)) {
      if (newest(tokens, "a")) sorts.set(channel, "a");
      else if (newest(tokens, "q") && !sorts.has(channel)) sorts.set(channel, "q");
    }
  }
  return sorts;
}

function tornIn(read: EntryOf<"read.end">, sorts: ReadonlyMap<string, Sort>): Torn[] {
  const { list, channels = {} } = read;
  if (list === null) return [];
  return Object.entries(channels).flatMap(([channel, tokens]) => {
    const sort = sorts.get(channel);
    if (sort === undefined) return [];
    const held = newest(tokens, sort);
    const listed = newest(list, sort);
    return held === listed ? [] : [{ read, channel, held, listed }];
  });
}

function newest(tokens: readonly Token[], sort: Sort): Token | null {
  return tokens.findLast((token) => token.startsWith(`tp${sort}-`)) ?? null;
}

function findingOf(history: History, torn: readonly Torn[]): Finding[] {
  const [first] = torn;
  if (first === undefined) return [];
  const { read, channel, held, listed } = first;
  const begin = entriesOf(history, "read.begin").find((it) => it.read === read.read);
  const because =
    `a read of thread ${begin?.thread ?? "?"} on ${read.replica ?? "?"} shows ` +
    `${turnOf(history, held)} as ${channel}, and its messages end with ` +
    `${turnOf(history, listed)}${andMore(torn)}`;
  const lists = [
    { label: "the messages", tokens: read.list ?? [] },
    { label: `${channel} in the same read`, tokens: read.channels?.[channel] ?? [] },
  ].map((shown) => ({ ...shown, replica: read.replica, at: read.at }));
  const faults = faultsBetween(history, 0, read.seq);
  return [finding("torn-state", { because, evidence: torn.map((one) => one.read), lists, faults })];
}

/** The turn that a token belongs to, in words. */
function turnOf(history: History, token: Token | null): string {
  if (token === null) return "nothing";
  const said = entriesOf(history, "attempt.begin").find((it) => it.turn === token);
  if (said !== undefined) return `turn ${said.turn}`;
  const answer = entriesOf(history, "model.answer").find((it) => it.token === token);
  const call = entriesOf(history, "model.call").find((it) => it.call === answer?.call);
  return call?.turn == null ? "a text that belongs to no turn" : `the reply to turn ${call.turn}`;
}
