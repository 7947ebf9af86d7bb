import { formatCase } from "../history/case-name.ts";
import type { Result, RunReport } from "./result.ts";

/** An expected difference between two runs, and its reason. */
export interface KnownDifference {
  /** "round-robin/reference/memory-saver". */
  readonly of: string;
  readonly reason: string;
}

/**
 * The differences between two runs of one plan on two backends, one sentence each: another verdict,
 * checker or set of diagnoses, or a case that only one run has. Known differences are left out.
 * Known differences that do not occur are listed as well.
 */
export function differencesOf(
  left: RunReport,
  right: RunReport,
  known: readonly KnownDifference[] = [],
): string[] {
  const [ours, theirs] = [said(left), said(right)];
  const cases = [...new Set([...ours.keys(), ...theirs.keys()])];
  const differ = cases.filter((name) => ours.get(name) !== theirs.get(name));
  const unknown = differ.filter((name) => !known.some((it) => it.of === name));
  const stale = known.filter((it) => !differ.includes(it.of));
  const nothing = "was not run";
  return [
    ...unknown.map((name) => {
      const [one = nothing, other = nothing] = [ours.get(name), theirs.get(name)];
      return `${name}: ${backendOf(left)} says ${one}, ${backendOf(right)} says ${other}`;
    }),
    ...stale.map(({ of, reason }) => `${of}: no longer differs (it was known: ${reason})`),
  ];
}

function said(report: RunReport): Map<string, string> {
  return new Map(report.results.map((result) => [formatCase(result), sentenceOf(result)]));
}

function sentenceOf({ verdict, checker, diagnoses }: Result): string {
  const kinds = diagnoses.map((it) => it.kind).toSorted();
  return [
    verdict.kind,
    ...(checker === null ? [] : [`by ${checker}`]),
    ...(kinds.length === 0 ? [] : [`(${kinds.join(", ")})`]),
  ].join(" ");
}

function backendOf({ results }: RunReport): string {
  return results[0]?.backend ?? "nothing";
}
