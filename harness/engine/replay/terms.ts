import type { Conversation } from "../../client/conversation.ts";
import type { Fault } from "../../deployment/fault.ts";
import type { Turn } from "../../history/turn.ts";

/**
 * Resolves the references of a recorded act in the run that repeats it. Plain data stays as it is.
 * A reference is an object with one of these fields:
 *
 * - `{$: "replica a"}`, `{$: "c3"}`: the replica or conversation of that name
 * - `{$turn: ["c3", 2]}`: the second message of c3
 * - `{$thread: "c3"}`: the service's id of its thread
 * - `{$fault: "kill", from: […]}`: the fault of that kind, made from these
 */
export interface Meanings {
  named(name: string): object;
  turn(conversation: string, ordinal: number): Turn;
  fault(kind: string, from: readonly unknown[]): Fault;
}

/** Replaces every reference in a recorded argument with its value. */
export function resolved(it: unknown, meanings: Meanings): unknown {
  if (typeof it !== "object" || it === null) return it;
  if (Array.isArray(it)) return it.map((part) => resolved(part, meanings));
  const term = it as Readonly<Record<string, unknown>>;
  if (typeof term["$"] === "string") return meanings.named(term["$"]);
  if ("$thread" in term) return (meanings.named(String(term["$thread"])) as Conversation).threadId;
  if (Array.isArray(term["$turn"])) {
    const [conversation, ordinal] = term["$turn"] as [string, number];
    return meanings.turn(conversation, ordinal);
  }
  if (typeof term["$fault"] === "string") {
    const from = Array.isArray(term["from"]) ? (term["from"] as unknown[]) : [];
    return meanings.fault(
      term["$fault"],
      from.map((part) => resolved(part, meanings)),
    );
  }
  return Object.fromEntries(
    Object.entries(term).map(([key, part]) => [key, resolved(part, meanings)]),
  );
}

/** The kinds of all faults within a recorded argument. */
export function faultsIn(it: unknown): string[] {
  if (typeof it !== "object" || it === null) return [];
  const own = "$fault" in it ? [String(it.$fault)] : [];
  return [...own, ...Object.values(it).flatMap(faultsIn)];
}
