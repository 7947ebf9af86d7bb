import type { History, TableSize } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import { lifeAtOf } from "./lives.ts";
import { finding, verdictOf } from "./findings.ts";
import { type Surveys, surveysOf } from "./surveys.ts";
import { type Attempt, attemptsOf } from "./turns.ts";

/**
 * Acknowledged turns are in the database that the service was given. A saver in the code is no
 * proof: a server that brings its own ignores the graph's saver, and nothing is ever written.
 */
export const savesInDatabase: Checker = {
  name: "saves-in-database",
  needs: ["survey"],
  judge,
};

function judge(history: History): Verdict {
  const surveys = surveysOf(history);
  const acknowledged = acknowledgedOf(history);
  // A scenario about booting has no survey, and one whose every turn is refused saves nothing.
  const holds: Verdict = {
    kind: "holds",
    checked: surveys.after === null ? 0 : acknowledged.length,
  };
  if (surveys.after === null || acknowledged.length === 0) return holds;
  const { after } = surveys;
  const empty = emptyCheckpoints(after.tables);
  const mentioned = (after.ofThread ?? []).some(({ rows }) => rows > 0);
  if (mentioned || (grew(surveys) && empty.length === 0) || keptElsewhere(history)) return holds;
  const others = empty.length > 0 ? ` (${empty.join(", ")})` : "";
  const what =
    after.tables.length === 0
      ? "the database that the service was given has no table at all"
      : empty.length > 0
        ? `the tables of the checkpointer are there, with zero rows${others}`
        : "no table of the database that the service was given has more rows than before";
  const because = `after ${acknowledged.length} acknowledged turns ${what}`;
  const evidence = [...acknowledged.slice(0, 3).flatMap(({ end }) => end ?? []), after];
  return verdictOf([finding("nothing-saved", { because, evidence })], holds);
}

function acknowledgedOf(history: History): Attempt[] {
  const deleted = new Set(entriesOf(history, "thread.deleted").map(({ thread }) => thread));
  return attemptsOf(history).filter(
    ({ begin, end }) =>
      begin.sound &&
      begin.purpose !== "warm-up" &&
      !deleted.has(begin.thread) &&
      end?.outcome.kind === "ok",
  );
}

/** LangGraph's tables, in any schema, if all of them are empty. */
function emptyCheckpoints(tables: readonly TableSize[]): string[] {
  const theirs = tables.filter(({ table }) =>
    /(^|\.)(checkpoints|checkpoint_blobs|checkpoint_writes)$/.test(table),
  );
  return theirs.every(({ rows }) => rows === 0) ? theirs.map(({ table }) => table) : [];
}

function grew({ before, after }: Surveys): boolean {
  const amounts = (tables: readonly TableSize[] = []) =>
    new Map(tables.map(({ table, rows, bytes }) => [table, `${rows} ${bytes}`]));
  const earlier = amounts(before?.tables);
  return [...amounts(after?.tables)].some(
    ([table, amount]) => (earlier.get(table) ?? "0 0") !== amount,
  );
}

/** A life of a replica saw a message that another one got: they share some other store. */
function keptElsewhere(history: History): boolean {
  const lifeAt = lifeAtOf(history);
  const attempts = attemptsOf(history);
  const calls = new Map(entriesOf(history, "model.call").map((call) => [call.turn, call]));
  const receivers = new Map(
    attempts.map(({ begin, end }) => {
      // The replica that ran the turn may be another one than the one that was asked.
      const { replica, seq } = calls.get(begin.turn) ?? { replica: end?.replica ?? null, ...begin };
      return [begin.turn, lifeAt(replica, seq)];
    }),
  );
  const seen = [
    ...entriesOf(history, "model.call"),
    ...entriesOf(history, "read.end"),
    ...attempts.flatMap(({ end }) => end ?? []),
  ];
  return seen.some(({ replica, seq, list }) => {
    const life = lifeAt(replica, seq);
    const elsewhere = (list ?? []).flatMap((token) => receivers.get(token) ?? []);
    return life !== null && elsewhere.some((other) => other !== life);
  });
}
