import type { History, TableSize } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import { lifeAtOf } from "./continuity/observations.ts";
import { verdictOf } from "./findings.ts";
import { type Surveys, surveysOf } from "./surveys.ts";
import { type Attempt, attemptsOf } from "./turns.ts";

/**
 * What was acknowledged stands in the database that the service was given. A saver in the code is
 * no proof: where a server brings its own, the graph's is ignored, and nothing is ever written.
 */
export const savesInDatabase: Checker = {
  name: "saves-in-database",
  needs: ["survey"],
  judge,
};

function judge(history: History): Verdict {
  const surveys = surveysOf(history);
  const acknowledged = acknowledgedOf(history);
  // A scenario that is about booting has none, and one whose every turn is refused nothing to save.
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
  const finding = {
    diagnosis: {
      kind: "nothing-saved",
      because: `after ${acknowledged.length} acknowledged turns ${what}`,
      remedy:
        "Look which checkpointer the graph really runs with: a development server and LangGraph" +
        " Server bring their own and ignore the one of compile(), and a missing or misspelt" +
        " variable lets many services fall back to memory: fail at start instead",
    },
    evidence: [...acknowledged.slice(0, 3).flatMap(({ end }) => end ?? []), after],
  };
  return verdictOf([finding], holds);
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

/** LangGraph's tables, in any schema, where not one of them holds anything. */
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

/** A life of a replica has seen what another one was told: some other store is shared. */
function keptElsewhere(history: History): boolean {
  const lifeAt = lifeAtOf(history);
  const attempts = attemptsOf(history);
  const calls = new Map(entriesOf(history, "model.call").map((call) => [call.turn, call]));
  const told = new Map(
    attempts.map(({ begin, end }) => {
      // Who ran it is not always who was asked.
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
    const elsewhere = (list ?? []).flatMap((token) => told.get(token) ?? []);
    return life !== null && elsewhere.some((other) => other !== life);
  });
}
