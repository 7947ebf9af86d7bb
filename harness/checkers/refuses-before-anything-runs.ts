import type { Entry, EntryOf, History } from "../history/history.ts";
import type { Token } from "../history/token.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { finding, inWords, verdictOf } from "./findings.ts";
import { surveysOf } from "./surveys.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, entriesIn, outcomeInWords } from "./turns.ts";

/**
 * A turn with a wrong thread id (absent, blank, malformed, or another user's) is refused before the
 * model or a tool is called, and leaves no rows. The workload is sequential, so every call during
 * such an attempt belongs to it.
 */
export const refusesBeforeAnythingRuns: Checker = {
  name: "refuses-before-anything-runs",
  needs: [],
  judge,
};

type Call = EntryOf<"model.call"> | EntryOf<"tool.call">;

/** An attempt with an id that must be refused, and what happened. */
interface Unsound {
  readonly attempt: Attempt;
  readonly calls: readonly Call[];
  /** The conversation that the id belongs to; null if it is no other one's. */
  readonly owner: string | null;
  /** Model calls that saw messages of a third conversation: not this one, not the id's owner. */
  readonly leaks: readonly Call[];
  readonly refused: boolean;
}

function judge(history: History): Verdict {
  const unsound = unsoundAttempts(history);
  if (unsound.length === 0) {
    return {
      kind: "inconclusive",
      because: "no turn was sent with a thread id that must be refused",
    };
  }
  const leaking = unsound.filter(({ leaks }) => leaks.length > 0);
  const accepted = unsound.filter(({ refused }) => !refused);
  // One cause, one kind. A service that ignores the id keeps all turns in one thread, which
  // explains the rest; and a turn that was accepted explains its rows.
  const findings =
    leaking.length > 0
      ? crossThreadLeak(leaking)
      : accepted.length > 0
        ? [
            ...threadIdNotRequired(accepted.filter((one) => !foreignServed(one))),
            ...foreignThreadServed(accepted.filter(foreignServed)),
          ]
        : rowsOfARefusedTurn(history);
  return verdictOf(findings, { kind: "holds", checked: unsound.length });
}

function unsoundAttempts(history: History): Unsound[] {
  const attempts = attemptsOf(history);
  const sound = attempts.filter(({ begin }) => begin.sound);
  const speakers = new Map<Token, string>(sound.map(({ begin }) => [begin.turn, begin.thread]));
  return attempts
    .filter(({ begin }) => !begin.sound)
    .map((attempt) => {
      const { begin, end } = attempt;
      const calls = callsDuring(history, attempt);
      const owner =
        sound.find(
          (other) =>
            typeof begin.threadId === "string" &&
            other.begin.threadId === begin.threadId &&
            other.begin.thread !== begin.thread,
        )?.begin.thread ?? null;
      const leaks = calls.filter(
        (call) =>
          call.kind === "model.call" &&
          call.list.some((token) => {
            const speaker = speakers.get(token);
            return speaker !== undefined && speaker !== begin.thread && speaker !== owner;
          }),
      );
      const refused = end?.outcome.kind === "failed" && calls.length === 0;
      return { attempt, calls, owner, leaks, refused };
    });
}

/**
 * Model and tool calls between begin and end, and later ones of the same turn: a refusal does not
 * stop a run that is under way. Side calls to the model, such as a title, belong to other turns.
 */
function callsDuring(history: History, { begin, end }: Attempt): Call[] {
  return history.entries.filter((entry): entry is Call => {
    if (entry.kind !== "model.call" && entry.kind !== "tool.call") return false;
    if (entry.seq < begin.seq || (entry.kind === "model.call" && entry.turn === null)) return false;
    return end === null || entry.seq < end.seq || entry.turn === begin.turn;
  });
}

/** Ran or answered on the thread of another conversation. */
function foreignServed({ owner, attempt, calls }: Unsound): boolean {
  const kind = attempt.end?.outcome.kind;
  return owner !== null && (calls.length > 0 || kind === "ok" || kind === "interrupted");
}

function threadIdNotRequired(accepted: readonly Unsound[]): Finding[] {
  if (accepted.length === 0) return [];
  const because = `not refused before anything ran: ${inWords(accepted.map(inShort))}`;
  return [finding("thread-id-not-required", { because, evidence: accepted.flatMap(evidenceOf) })];
}

function foreignThreadServed(accepted: readonly Unsound[]): Finding[] {
  const first = accepted[0];
  if (first === undefined) return [];
  const because =
    `conversation ${first.attempt.begin.thread} was served with the thread id of ` +
    `${first.owner}: ${inShort(first)}`;
  return [finding("foreign-thread-served", { because, evidence: accepted.flatMap(evidenceOf) })];
}

function crossThreadLeak(leaking: readonly Unsound[]): Finding[] {
  const first = leaking[0];
  const call = first?.leaks.find((leak) => leak.kind === "model.call");
  if (first === undefined || call?.kind !== "model.call") return [];
  const { begin } = first.attempt;
  const { replica, at, list: tokens } = call;
  const because =
    `a turn of conversation ${begin.thread} with the thread id ${idInWords(begin.threadId)} ` +
    `showed the model what others had said, on replica ${replica}`;
  const lists = [{ label: `seen by turn ${begin.turn}`, replica, at, tokens }];
  return [finding("cross-thread-leak", { because, evidence: leaking.flatMap(evidenceOf), lists })];
}

/** Judged only if every turn between the two surveys had to be refused. */
function rowsOfARefusedTurn(history: History): Finding[] {
  const surveys = surveysOf(history).ofWorkload.filter(({ turns }) => turns === null);
  const before = surveys[0];
  const after = surveys.at(-1);
  if (before === undefined || after === undefined || before === after) return [];
  const between = attemptsOf(history).filter(
    ({ begin, end }) => begin.seq < after.seq && (end?.seq ?? Infinity) > before.seq,
  );
  if (between.some(({ begin }) => begin.sound)) return [];
  const rowsIn = ({ tables }: EntryOf<"survey">) =>
    new Map(tables.map(({ table, rows }) => [table, rows]));
  const [then, now] = [rowsIn(before), rowsIn(after)];
  const changed = [...new Set([...then.keys(), ...now.keys()])]
    .map((table) => ({ table, from: then.get(table) ?? 0, to: now.get(table) ?? 0 }))
    .filter(({ from, to }) => from !== to)
    .map(({ table, from, to }) => `${table} ${from} → ${to}`);
  if (changed.length === 0) return [];
  const because = `every turn was refused, and still rows changed: ${changed.join(", ")}`;
  const evidence = [before, ...between.map(({ begin }) => begin).slice(0, 8), after];
  return [finding("rows-of-a-refused-turn", { because, evidence })];
}

function evidenceOf({ attempt, calls }: Unsound): Entry[] {
  return [...entriesIn(attempt), ...calls.slice(0, 2)];
}

/** `"" (ran, then ok)`, `absent (unknown: 500)`. */
function inShort({ attempt, calls }: Unsound): string {
  const ran = calls.length === 0 ? "" : `ran on ${inWords(calls.map((c) => c.replica))}, then `;
  return `${idInWords(attempt.begin.threadId)} (${ran}${outcomeInWords(attempt)})`;
}

function idInWords(id: unknown): string {
  return id === undefined ? "absent" : JSON.stringify(id);
}
