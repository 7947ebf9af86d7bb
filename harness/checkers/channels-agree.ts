import type { EntryOf, History } from "../history/history.ts";
import type { Token } from "../history/token.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { faultsBetween, verdictOf } from "./findings.ts";

/**
 * All parts of a thread's state are of the same moment: what a channel holds as said last, or as
 * answered last, is what the messages end with. A state that is some serial order of the turns is
 * like that, whichever order it was.
 */
export const channelsAgree: Checker = { name: "channels-agree", needs: ["channels"], judge };

type Sort = "q" | "a";

/** A read of the state whose parts are of different turns. */
interface Torn {
  readonly read: EntryOf<"read.end">;
  readonly channel: string;
  /** The newest of its sort there, and among the messages; null: there is none. */
  readonly held: Token | null;
  readonly listed: Token | null;
}

function judge(history: History): Verdict {
  const reads = entriesOf(history, "read.end").filter((read) => read.channels !== undefined);
  const sorts = sortsOf(reads);
  if (sorts.size === 0) {
    const because = "no channel ever held what was said or answered: nothing of it was seen";
    return { kind: "inconclusive", because };
  }
  const torn = reads.flatMap((read) => tornIn(read, sorts));
  return verdictOf(findingOf(history, torn), { kind: "holds", checked: reads.length });
}

/**
 * Of each channel which sort of tokens it goes by, as far as it ever held any. One that holds
 * answers is written with them: the next message stands in the thread before that.
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
  const more = torn.length === 1 ? "" : ` (and ${torn.length - 1} more)`;
  const faults = faultsBetween(history, 0, read.seq);
  return [
    {
      diagnosis: {
        kind: "torn-state",
        because:
          `a read of thread ${begin?.thread ?? "?"} on ${read.replica ?? "?"} shows ` +
          `${turnOf(history, held)} as ${channel}, and its messages end with ` +
          `${turnOf(history, listed)}${more}`,
        remedy:
          "Run one turn per thread at a time: versions of a channel are plain numbers, so two" +
          " branches of a thread share their keys, what is there first stays, and a checkpoint is" +
          " put together from both",
        lists: [
          { label: "the messages", tokens: read.list ?? [] },
          { label: `${channel} in the same read`, tokens: read.channels?.[channel] ?? [] },
        ].map((shown) => ({ ...shown, replica: read.replica, at: read.at })),
        ...(faults.length === 0 ? {} : { faults }),
      },
      evidence: torn.map((it) => it.read),
    },
  ];
}

/** The turn that a token is of, in words. */
function turnOf(history: History, token: Token | null): string {
  if (token === null) return "nothing";
  const said = entriesOf(history, "attempt.begin").find((it) => it.turn === token);
  if (said !== undefined) return `turn ${said.turn}`;
  const answer = entriesOf(history, "model.answer").find((it) => it.token === token);
  const call = entriesOf(history, "model.call").find((it) => it.call === answer?.call);
  return call?.turn == null ? "what no turn has said" : `the reply to turn ${call.turn}`;
}
