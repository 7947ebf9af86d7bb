import { formatCase } from "../history/case-name.ts";
import type { Result, RunReport } from "./result.ts";

/** A difference between two runs that is as it should be, and why. */
export interface KnownDifference {
  /** "round-robin/reference/memory-saver". */
  readonly of: string;
  readonly reason: string;
}

/**
 * Where two runs of the same plan, on two backends, do not say the same: another verdict, another
 * checker, another set of diagnoses, or a case that only one of them has. One sentence each. One
 * that is known passes; one that is known and does not occur is told as well.
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
