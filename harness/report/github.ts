/** Annotations for GitHub Actions: workflow commands on standard output, one per line. */
import { formatService } from "../history/case-name.ts";
import { stripVTControlCharacters } from "node:util";
import { surprisePhrase } from "./describe-result.ts";
import { exceeds, figurePhrase } from "./figures.ts";
import { cut } from "./style.ts";
import { isUndecided, notRunByTarget, stalePhrase } from "./phrases.ts";
import type { Result, RunReport } from "./result.ts";
import { nameTurns, readable } from "./turn-names.ts";

/** The place of a target in the configuration, where GitHub shows the annotation. */
export interface Place {
  /** Relative to the checkout. */
  readonly file: string;
  /** From 1; null: somewhere in the file. */
  readonly line: number | null;
}

interface Annotation {
  readonly level: "error" | "warning";
  readonly title: string;
  readonly message: string;
  readonly place: Place | null;
}

/**
 * GitHub shows at most 10 annotations per level and step, and 50 per job, and drops the rest
 * (https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations).
 */
const perLevel = 10;
/** The runner cuts longer messages (`_maxIssueMessageLength` of actions/runner). */
const messageLimit = 4_096;
/** The limit of an annotation's title in GitHub's Checks API. */
const titleLimit = 255;

/**
 * Errors for surprises and for a stale baseline, warnings for inconclusive results. Every exit code
 * of a run except 0 has an annotation. The text is empty or ends with a line break.
 */
export function githubAnnotations(
  report: RunReport,
  placeOf: (target: string) => Place | null = () => null,
): string {
  const judged = merged(report.results.filter((result) => !result.asExpected)).map(
    ([result, times]) => annotation(result, times, placeOf(result.target)),
  );
  const stale = report.stale.map((entry): Annotation => ({
    level: "error",
    title: "the baseline is stale",
    message: stalePhrase(entry),
    place: null,
  }));
  const all = [...judged, ...stale, ...nothing(report)];
  const lines = (["error", "warning"] as const).flatMap((level) =>
    withinLimit(all.filter((it) => it.level === level)).map(commandLine),
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** For a run without a report, of which GitHub would show only the exit code. */
export function failureAnnotation(message: string): string {
  const title = "threadproof could not judge";
  return `${commandLine({ level: "error", title, message, place: null })}\n`;
}

/** Merges equal surprises of repeated runs (--runs), so that they do not crowd out others. */
function merged(results: readonly Result[]): [Result, number][] {
  const same = Map.groupBy(results, (result) =>
    [result.scenario, formatService(result), surprisePhrase(result)].join("\n"),
  );
  return [...same.values()].flatMap((group) => group.slice(0, 1).map((it) => [it, group.length]));
}

function annotation(result: Result, times: number, place: Place | null): Annotation {
  const [diagnosis] = result.diagnoses;
  const names = diagnosis === undefined ? undefined : nameTurns(diagnosis);
  const kinds = result.diagnoses.map(({ kind }) => kind).join(", ");
  return {
    level: isUndecided(result) ? "warning" : "error",
    title: `${result.scenario} × ${formatService(result)}: ${kinds || result.verdict.kind}`,
    message: [
      `claim: ${result.claim}`,
      `${surprisePhrase(result)}${times > 1 ? ` (in ${times} runs)` : ""}`,
      readable(diagnosis?.because ?? result.verdict.because, names),
      ...(diagnosis === undefined ? [] : [`→ ${readable(diagnosis.remedy, names)}`]),
      ...result.figures.filter(exceeds).map(figurePhrase),
      `reproduce: ${result.reproduce}`,
    ].join("\n"),
    place,
  };
}

/** The annotation of a run without results, which ends with exit code 2. */
function nothing(report: RunReport): Annotation[] {
  if (report.results.length > 0) return [];
  const reasons = notRunByTarget(report).flatMap(([target, all]) =>
    all.map(({ reason, what }) => `${what.join(", ")} × ${target}: ${reason}`),
  );
  const message = reasons.join("\n") || "no scenario was selected";
  return [{ level: "warning", title: "no scenario ran", message, place: null }];
}

/** Replaces the annotations above GitHub's limit by one that lists their titles. */
function withinLimit(all: readonly Annotation[]): readonly Annotation[] {
  const rest = all.slice(perLevel - 1);
  const [first] = rest;
  if (first === undefined || rest.length === 1) return all;
  const more: Annotation = {
    level: first.level,
    title: `${rest.length} more`,
    message: rest.map(({ title }) => title).join("\n"),
    place: null,
  };
  return [...all.slice(0, perLevel - 1), more];
}

function commandLine({ level, title, message, place }: Annotation): string {
  const line = place?.line ?? null;
  const properties = [
    ...(place === null ? [] : [`file=${property(place.file)}`]),
    ...(line === null ? [] : [`line=${line}`]),
    `title=${property(cut(plain(title), titleLimit))}`,
  ];
  return `::${level} ${properties.join(",")}::${data(cut(plain(message), messageLimit))}`;
}

function plain(text: string): string {
  return stripVTControlCharacters(text).toWellFormed();
}

// The same as `escapeData` and `escapeProperty` of @actions/core.
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
