/**
 * The one table of diagnoses. The type of a kind, the order in reports, the check of kinds in
 * configurations and baselines, and docs/diagnoses.md follow from it. A new kind is one row.
 */
import { access } from "./diagnoses/access.ts";
import { availability } from "./diagnoses/availability.ts";
import { effects } from "./diagnoses/effects.ts";
import { lost } from "./diagnoses/lost.ts";
import { memory } from "./diagnoses/memory.ts";
import { repetition } from "./diagnoses/repetition.ts";
import type { DiagnosisRow } from "./diagnoses/row.ts";
import { storage } from "./diagnoses/storage.ts";
import { thread } from "./diagnoses/thread.ts";
import { unknown } from "./diagnoses/unknown.ts";

/** Worst first, and so are the rows of each theme. */
export const themes = {
  "Conversations reach the wrong person": access,
  "Turns are lost": { ...memory, ...lost },
  "A thread is damaged": thread,
  "Work is repeated": repetition,
  "Tools act when they must not, or do not act": effects,
  "The service does not answer, start or stop": availability,
  "Storage grows": storage,
  "The cause is not known": unknown,
} as const;

/** All rows by kind, worst first. */
export const diagnoses = {
  ...access,
  ...memory,
  ...lost,
  ...thread,
  ...repetition,
  ...effects,
  ...availability,
  ...storage,
  ...unknown,
} as const;

/** A stable word: configurations and baselines name it. */
export type DiagnosisKind = keyof typeof diagnoses;

export const diagnosisKinds = Object.keys(diagnoses) as readonly DiagnosisKind[];

/** Null for a kind that a checker outside of this package has made up. */
export function rowOf(kind: string): DiagnosisRow | null {
  return Object.hasOwn(diagnoses, kind) ? diagnoses[kind as DiagnosisKind] : null;
}

/** For a sort: the worst first, and kinds that are not in the table last. */
export function worstFirst(
  one: { readonly kind: string },
  other: { readonly kind: string },
): number {
  return placeOf(one.kind) - placeOf(other.kind);
}

function placeOf(kind: string): number {
  const place = diagnosisKinds.indexOf(kind as DiagnosisKind);
  return place < 0 ? diagnosisKinds.length : place;
}

/** Whether something was done twice; else something was lost, damaged or left undone. */
export function isRepetition(kind: string): boolean {
  return Object.hasOwn(repetition, kind);
}
