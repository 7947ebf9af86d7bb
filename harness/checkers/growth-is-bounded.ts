import type { EntryOf, History, TableSize } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Figure, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { finding, verdictOf } from "./findings.ts";
import type { Growth } from "./growth-curve.ts";
import { growthOf, pointsNeeded } from "./growth-curve.ts";
import { surveysOf } from "./surveys.ts";

/**
 * Storage grows no faster with the turns of a thread than promised, a cleanup leaves no orphans,
 * and a deleted thread leaves no rows. PostgresSaver writes a changed channel as a whole at each
 * step, so the messages alone make the bytes quadratic in the number of turns.
 */
export const growthIsBounded: Checker = {
  name: "growth-is-bounded",
  needs: ["survey"],
  judge,
  measure,
};

type Survey = EntryOf<"survey">;

function judge(history: History): Verdict {
  const surveys = surveysOf(history).ofWorkload;
  const measured = [...Map.groupBy(surveys.filter(counted), ({ thread }) => thread).values()];
  const afterDelete = surveysAfterDelete(history);
  const leftover = afterDelete.filter(({ ofThread }) => total(ofThread ?? [], "rows") > 0);
  const findings = [
    ...measured.flatMap((series) => [
      ...quadraticGrowth(history, series),
      ...overBudget(history, series),
    ]),
    ...leftoverRows(leftover),
    // The rows that a deleted thread leaves are orphans too: the deletion explains them.
    ...orphans(surveys.filter((survey) => !leftover.includes(survey))),
  ];
  return verdictOf(findings, withoutFindings(surveys, measured, afterDelete));
}

/** The cost of the late turns on the thread that grows most. */
function measure(history: History): Figure[] {
  const surveys = surveysOf(history).ofWorkload.filter(counted);
  const series = [...Map.groupBy(surveys, ({ thread }) => thread).values()];
  const { bytesPerTurn, rowsPerTurn } = history.header.promises.growth;
  const most = (point: typeof rowPoint): number[] => {
    const late = series.flatMap((one) => growthOf(one.map(point))?.late ?? []);
    return late.length === 0 ? [] : [Math.round(Math.max(...late) * 10) / 10];
  };
  return [
    ...most(bytePoint).map((measured) => ({
      name: "growth.bytesPerTurn",
      measured,
      allowed: bytesPerTurn,
    })),
    ...most(rowPoint).map((measured) => ({
      name: "growth.rowsPerTurn",
      measured,
      allowed: rowsPerTurn,
    })),
  ];
}

function withoutFindings(
  surveys: readonly Survey[],
  measured: readonly (readonly Survey[])[],
  afterDelete: readonly Survey[],
): Verdict {
  const short = measured.find((series) => growthOf(series.map(rowPoint)) === null);
  if (short !== undefined) {
    const because =
      `growth was surveyed after ${short.map(({ turns }) => turns).join(", ")} turns: ` +
      `a curve needs ${pointsNeeded} different numbers of turns`;
    return { kind: "inconclusive", because };
  }
  if (measured.some((series) => series.every((survey) => total(survey.tables, "rows") === 0))) {
    return { kind: "inconclusive", because: "the surveys of growth found no rows at all" };
  }
  if (measured.length === 0 && afterDelete.length === 0) {
    return { kind: "inconclusive", because: "no survey was about growth or a deleted thread" };
  }
  return { kind: "holds", checked: surveys.length };
}

function quadraticGrowth(history: History, series: readonly Survey[]): Finding[] {
  const growth = growthOf(series.map(bytePoint));
  const { bytes } = history.header.promises.growth;
  if (growth === null || bytes === "quadratic" || growth.shape === "linear") return [];
  const because =
    `a turn cost ${inBytes(growth.early)} up to turn ${growth.from}, and ` +
    `${inBytes(growth.late)} from there to turn ${growth.to}, where linear growth is ` +
    `promised; ${tablesInWords(series, growth, "bytes")}`;
  return [finding("quadratic-growth", { because, evidence: series })];
}

/** Late turns that cost more than the promised budget. */
function overBudget(history: History, series: readonly Survey[]): Finding[] {
  const { bytesPerTurn, rowsPerTurn } = history.header.promises.growth;
  return [...costlier(series, "bytes", bytesPerTurn), ...costlier(series, "rows", rowsPerTurn)];
}

function costlier(
  series: readonly Survey[],
  unit: "rows" | "bytes",
  allowed: number | null,
): Finding[] {
  const growth = growthOf(series.map(unit === "rows" ? rowPoint : bytePoint));
  if (growth === null || allowed === null || growth.late <= allowed) return [];
  const inUnits = (amount: number) =>
    unit === "bytes" ? inBytes(amount) : `${rounded(amount)} rows`;
  const because =
    `a turn left ${inUnits(growth.late)} between turns ${growth.from} and ` +
    `${growth.to}, where ${inUnits(allowed)} are promised; ` +
    tablesInWords(series, growth, unit);
  return [finding(`${unit}-over-budget`, { because, evidence: series })];
}

/** Rows that no checkpoint refers to, after a cleanup or at the end of the run. */
function orphans(surveys: readonly Survey[]): Finding[] {
  const last = surveys.at(-1);
  const found = surveys.filter(
    (survey) => (survey === last || /cleanup/i.test(survey.label)) && orphanCount(survey) > 0,
  );
  const first = found[0];
  if (first === undefined) return [];
  const kinds = Object.entries(first.orphans).flatMap(([name, n]) =>
    n > 0 ? [`${n} ${name}`] : [],
  );
  const because = `the survey "${first.label}" found ${kinds.join(", ")} that belong to nothing`;
  return [finding("orphans", { because, evidence: found })];
}

function surveysAfterDelete(history: History): Survey[] {
  const deleted = entriesOf(history, "thread.deleted").filter(({ ok }) => ok);
  return surveysOf(history).ofWorkload.filter(
    ({ thread, ofThread, seq }) =>
      ofThread !== null && deleted.some((d) => d.thread === thread && d.seq < seq),
  );
}

function leftoverRows(found: readonly Survey[]): Finding[] {
  const first = found[0];
  if (first === undefined) return [];
  const left = (first.ofThread ?? [])
    .filter(({ rows }) => rows > 0)
    .map(({ table, rows }) => `${rows} in ${table}`);
  const because =
    `thread ${first.thread} was deleted, and the survey "${first.label}" still found ` +
    `rows of it: ${left.join(", ")}`;
  return [finding("leftover-rows", { because, evidence: found })];
}

/** "checkpoint_blobs 4.1 kB → 12.3 kB a turn", the tables that grow most first. */
function tablesInWords(series: readonly Survey[], growth: Growth, unit: "rows" | "bytes"): string {
  const names = new Set(series.flatMap(({ tables }) => tables.map(({ table }) => table)));
  const inUnits = unit === "bytes" ? inBytes : rounded;
  return [...names]
    .flatMap((name) => {
      const points = series.map(({ turns, tables }) => ({
        turns: turns ?? 0,
        amount: total(
          tables.filter(({ table }) => table === name),
          unit,
        ),
      }));
      const own = growthOf(points);
      return own === null || own.late <= 0 ? [] : [{ name, ...own }];
    })
    .sort((one, other) => other.late - one.late)
    .map(({ name, early, late }) => `${name} ${inUnits(early)} → ${inUnits(late)} a turn`)
    .concat(`of ${unit} before and after turn ${growth.from}`)
    .join(", ");
}

function counted(survey: Survey): boolean {
  return survey.turns !== null;
}

function rowPoint({ turns, tables }: Survey): { turns: number; amount: number } {
  return { turns: turns ?? 0, amount: total(tables, "rows") };
}

function bytePoint({ turns, tables }: Survey): { turns: number; amount: number } {
  return { turns: turns ?? 0, amount: total(tables, "bytes") };
}

function total(tables: readonly TableSize[], unit: "rows" | "bytes"): number {
  return tables.reduce((sum, table) => sum + table[unit], 0);
}

function orphanCount({ orphans: counts }: Survey): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function inBytes(bytes: number): string {
  if (Math.abs(bytes) >= 1e6) return `${rounded(bytes / 1e6)} MB`;
  return Math.abs(bytes) >= 1e3 ? `${rounded(bytes / 1e3)} kB` : `${rounded(bytes)} B`;
}

function rounded(amount: number): string {
  return String(Math.round(amount * 10) / 10);
}
