import { Conversation } from "../../client/conversation.ts";
import type { Fault } from "../../deployment/fault.ts";
import type { Replica } from "../../deployment/replica.ts";
import type { Turn } from "../../history/turn.ts";

/**
 * How what an act is given stands in a history. Plain data is itself; anything else is an object
 * with one field:
 *
 * - `{$: "replica a"}`, `{$: "c3"}`, `{$: "act 7"}`: what has that name
 * - `{$turn: ["c3", 2]}`: the second message of c3
 * - `{$thread: "c3"}`: the service's id of its thread
 * - `{$fault: "kill", from: […]}`: what that function of the package makes of these
 * - `{$undefined: true}`
 * - `{$code: "a function"}`: nothing that could be written down
 */
export interface Terms {
  /** Of what acts are done on; null: it has none. */
  nameOf(it: object): string | null;
  /** Whose thread has this id with the service; null: nobody's. */
  ownerOf(threadId: string): string | null;
}

/** What can be told apart by name: what acts are done on. Everything else is data. */
export function isHandle(it: unknown): it is object {
  if (typeof it !== "object" || it === null) return false;
  return it instanceof Conversation || Symbol.dispose in it || Symbol.asyncDispose in it;
}

export function isReplica(it: object): it is Replica {
  return "isolate" in it && "recovered" in it;
}

export function written(it: unknown, terms: Terms): unknown {
  if (it === undefined) return { $undefined: true };
  if (it === null || typeof it === "number" || typeof it === "boolean") return it;
  if (typeof it === "string") {
    const owner = terms.ownerOf(it);
    return owner === null ? it : { $thread: owner };
  }
  if (typeof it !== "object") return { $code: `a ${typeof it}` };
  const name = terms.nameOf(it);
  if (name !== null) return { $: name };
  if (isTurn(it)) return { $turn: [it.thread, it.ordinal] };
  if (isFault(it)) return faultInWriting(it, terms);
  if (Array.isArray(it)) return it.map((part) => written(part, terms));
  const prototype: unknown = Object.getPrototypeOf(it);
  if (prototype !== Object.prototype && prototype !== null)
    return { $code: "an object of a class" };
  const fields = Object.entries(it).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields.map(([key, value]) => [key, written(value, terms)]));
}

function faultInWriting({ kind, args }: Fault, terms: Terms): unknown {
  return { $fault: kind, from: args.map((part) => written(part, terms)) };
}

function isTurn(it: object): it is Turn {
  return "token" in it && "requestId" in it && "ordinal" in it;
}

function isFault(it: object): it is Fault {
  return "inject" in it && typeof it.inject === "function";
}

/** What the terms of a record mean in the run that repeats it. */
export interface Meanings {
  named(name: string): object;
  turn(conversation: string, ordinal: number): Turn;
  fault(by: string, from: readonly unknown[]): Fault;
}

/** The reverse of `written`. */
export function read(it: unknown, meanings: Meanings): unknown {
  if (typeof it !== "object" || it === null) return it;
  if (Array.isArray(it)) return it.map((part) => read(part, meanings));
  const term = it as Readonly<Record<string, unknown>>;
  if (typeof term["$"] === "string") return meanings.named(term["$"]);
  if ("$undefined" in term) return undefined;
  if ("$thread" in term) return (meanings.named(String(term["$thread"])) as Conversation).threadId;
  if (Array.isArray(term["$turn"])) {
    const [conversation, ordinal] = term["$turn"] as [string, number];
    return meanings.turn(conversation, ordinal);
  }
  if (typeof term["$fault"] === "string") {
    const from = Array.isArray(term["from"]) ? (term["from"] as unknown[]) : [];
    return meanings.fault(
      term["$fault"],
      from.map((part) => read(part, meanings)),
    );
  }
  return Object.fromEntries(Object.entries(term).map(([key, part]) => [key, read(part, meanings)]));
}

/** All terms of one sort within what an act was given: `$fault`, `$code`. */
export function termsIn(it: unknown, sort: "$fault" | "$code"): string[] {
  if (typeof it !== "object" || it === null) return [];
  const own = sort in it ? [String((it as Readonly<Record<string, unknown>>)[sort])] : [];
  return [...own, ...Object.values(it).flatMap((part) => termsIn(part, sort))];
}
