/**
 * Finds the kept levels by exhaustive search, to compare with the checker in tests. The search
 * knows only the sequential specification: a list to which turns append and which reads return. It
 * derives its operations from the history itself, so that it cannot share a mistake of the checker.
 */
import { tokensIn } from "../../harness/history/token.ts";
import type { EntryOf, History } from "../../harness/history/history.ts";
import type { Level } from "../../harness/history/level.ts";

interface Append {
  readonly token: string;
  /** Replies that the turn's block may contain. */
  readonly replies: readonly string[];
  readonly outcome: "ok" | "failed" | "unknown";
  readonly client: string;
  readonly begin: number;
  readonly end: number;
  readonly spans: readonly (readonly [number, number])[];
}

interface Look {
  readonly list: readonly string[];
  readonly client: string;
  readonly begin: number;
  readonly end: number;
  readonly model: boolean;
  /** The message whose block the list must contain. */
  readonly must: string | null;
  readonly own: string | null;
  readonly last: boolean;
}

type Precedes = (one: Append | Look, other: Append | Look) => boolean;

/** The highest levels that one thread keeps. Empty if it does not keep integrity. */
export function keptByBruteForce(history: History, thread: string): Level[] {
  const appends = appendsOf(history, thread);
  const looks = looksOf(history, thread, appends);
  if (!looks.every((look) => clean(look, appends))) return [];
  if (appends.some((append) => lost(append, looks))) return ["integrity"];
  const lists = looks.map((look) => settled(look.list).join());
  const agree = (one: string, other: string) => one.startsWith(other) || other.startsWith(one);
  if (!lists.every((one) => lists.every((other) => agree(one, other)))) return ["no-lost-turns"];
  const same = (one: Append | Look, other: Append | Look) => one.client === other.client;
  const ended = (one: Append | Look, other: Append | Look) => one.end < other.begin;
  const isLook = (one: Append | Look) => "list" in one;
  const keeps = (precedes: Precedes) => ordered(appends, looks, precedes);
  const shown = looks.every(showsItsOwn);
  if (shown && keeps(ended)) return ["linearizable"];
  if (shown && keeps((x, y) => same(x, y) && ended(x, y))) return ["sequential"];
  const seen = (x: Append | Look, y: Append | Look) => isLook(y) && same(x, y) && ended(x, y);
  const kept: Level[] = [
    ...(keeps((x, y) => isLook(x) && seen(x, y)) ? (["monotonic-reads"] as const) : []),
    ...(shown && keeps((x, y) => !isLook(x) && seen(x, y)) ? (["read-your-writes"] as const) : []),
  ];
  return kept.length > 0 ? kept : ["one-history"];
}

function appendsOf(history: History, thread: string): Append[] {
  const of = <K extends "attempt.begin" | "attempt.end" | "model.call" | "model.answer">(kind: K) =>
    history.entries.filter((entry): entry is EntryOf<K> => entry.kind === kind);
  const begins = of("attempt.begin").filter((begin) => begin.thread === thread);
  return [...new Set(begins.map(({ turn }) => turn))].map((turn) => {
    const attempts = begins
      .filter((begin) => begin.turn === turn)
      .map((begin) => {
        const end = of("attempt.end").find(({ attempt }) => attempt === begin.attempt);
        return { begin, end, kind: end?.outcome.kind ?? "unknown" };
      });
    const oks = attempts.filter(({ kind }) => kind === "ok");
    const counted = attempts.filter(({ kind }) => kind !== "failed");
    const calls = of("model.call")
      .filter((call) => call.turn === turn)
      .map(({ call }) => call);
    const answers = of("model.answer").filter(({ call }) => calls.includes(call));
    const acknowledged = oks.flatMap(({ end }) =>
      end?.outcome.kind === "ok" ? tokensIn(end.outcome.reply, "a") : [],
    );
    const [who] = oks.length > 0 ? oks : counted.length > 0 ? counted : attempts;
    if (!who) throw new Error(`${turn} has no attempt`);
    return {
      token: who.begin.turn,
      replies: oks.length > 0 ? acknowledged : answers.flatMap(({ token }) => token ?? []),
      outcome: oks.length > 0 ? "ok" : counted.length > 0 ? "unknown" : "failed",
      client: who.begin.client,
      begin: Math.min(...(counted.length > 0 ? counted : attempts).map((each) => each.begin.seq)),
      end: Math.min(Infinity, ...oks.map(({ end }) => end?.seq ?? Infinity)),
      spans: attempts.map(({ begin, end }) => [begin.seq, end?.seq ?? Infinity] as const),
    };
  });
}

function looksOf(history: History, thread: string, appends: readonly Append[]): Look[] {
  const { entries } = history;
  return entries.flatMap((entry): Look[] => {
    if (entry.kind === "read.end" && entry.list) {
      const begin = entries.find((e) => e.kind === "read.begin" && e.read === entry.read);
      if (begin?.kind !== "read.begin" || begin.thread !== thread) return [];
      const { client, seq, final } = begin;
      const whose = { model: false, must: null, own: null, last: final };
      return [{ list: entry.list, client, begin: seq, end: entry.seq, ...whose }];
    }
    if (entry.kind === "attempt.end" && entry.list && entry.outcome.kind === "ok") {
      const begin = entries.find((e) => e.kind === "attempt.begin" && e.attempt === entry.attempt);
      if (begin?.kind !== "attempt.begin" || begin.thread !== thread) return [];
      const { client, seq, turn, purpose } = begin;
      const whose = { model: false, must: turn, own: turn, last: purpose === "last" };
      return [{ list: entry.list, client, begin: seq, end: entry.seq, ...whose }];
    }
    if (entry.kind !== "model.call" || entry.turn === null) return [];
    const begins = entries.flatMap((e) =>
      e.kind === "attempt.begin" && e.turn === entry.turn && e.seq < entry.seq ? [e] : [],
    );
    const served = (attempt: string, on: string | null) => {
      const end = entries.find((e) => e.kind === "attempt.end" && e.attempt === attempt);
      return (end?.kind === "attempt.end" ? end.replica : null) ?? on;
    };
    const fitting = begins.filter(({ attempt, on }) => served(attempt, on) === entry.replica);
    const begin = fitting.at(-1) ?? begins.at(-1);
    if (!begin || begin.thread !== thread) return [];
    const write = appends.find(({ token }) => token === begin.turn);
    if (write && write.end < entry.seq) return [];
    const whose = { model: true, must: null, own: begin.turn, last: begin.purpose === "last" };
    const { client } = begin;
    return [{ list: entry.list, client, begin: entry.seq, end: entry.seq, ...whose }];
  });
}

const asked = (token: string | undefined) => token?.startsWith("tpq-") ?? false;

/** The list without an unanswered message at its end. */
const settled = (list: readonly string[]) => (asked(list.at(-1)) ? list.slice(0, -1) : list);

const showsItsOwn = ({ must, list }: Look) => must === null || settled(list).includes(must);

/** A clean list is blocks of distinct turns, then at most one message that is in flight. */
function clean(look: Look, appends: readonly Append[]): boolean {
  const { list } = look;
  if (new Set(list).size < list.length) return false;
  const said = appends.filter(({ outcome, begin }) => outcome !== "failed" && begin < look.end);
  for (let place = 0; place < list.length; place += 2) {
    const append = said.find(({ token }) => token === list[place]);
    if (!append) return false;
    const reply = list[place + 1];
    if (reply !== undefined && !append.replies.includes(reply)) return false;
    if (reply !== undefined || !look.model || append.token === look.own) continue;
    if (!append.spans.some(([begin, end]) => begin < look.end && look.end < end)) return false;
  }
  return true;
}

function lost(append: Append, looks: readonly Look[]): boolean {
  if (append.outcome !== "ok") return false;
  const latest = Math.max(...looks.map(({ begin }) => begin));
  const healed = looks.filter(({ last }) => last);
  const last = healed.length > 0 ? healed : looks.filter(({ begin }) => begin === latest);
  const after = last.filter(({ begin }) => begin > append.end);
  return after.length > 0 && !after.some(({ list }) => settled(list).includes(append.token));
}

/** Whether the specification allows an order of all operations that respects `precedes`. */
function ordered(appends: readonly Append[], looks: readonly Look[], precedes: Precedes): boolean {
  const operations = [...appends.filter(({ outcome }) => outcome !== "failed"), ...looks];
  const before = operations.map((one) =>
    operations.flatMap((other, place) => (precedes(other, one) ? [place] : [])),
  );
  const dead = new Set<string>();

  function search(done: ReadonlySet<number>, list: readonly string[]): boolean {
    const now = new Set(done);
    const free = (place: number) =>
      !now.has(place) && (before[place] ?? []).every((other) => now.has(other));
    // Take every read that fits now: it changes no state, and later operations may wait for it.
    for (let found = true; found;) {
      found = false;
      for (const [place, one] of operations.entries()) {
        if (!("list" in one) || !free(place) || settled(one.list).join() !== list.join()) continue;
        now.add(place);
        found = true;
      }
    }
    const rest = operations.filter((_, place) => !now.has(place));
    if (rest.every((one) => !("list" in one) && one.outcome === "unknown")) return true;
    // The list only grows, so every remaining read must begin with the current list.
    const text = list.join();
    const fits = (one: Append | Look) => !("list" in one) || one.list.join().startsWith(text);
    const key = `${[...now].sort((x, y) => x - y).join(" ")}|${text}`;
    if (!rest.every(fits) || dead.has(key)) return false;
    dead.add(key);
    return operations.some((one, place) => {
      if ("list" in one || !free(place)) return false;
      const then = new Set(now).add(place);
      return one.replies.some((reply) => search(then, [...list, one.token, reply]));
    });
  }
  return search(new Set(), []);
}
