import type { Say, Said, Saying } from "../config/dialect.ts";
import type { Says } from "./interpret.ts";
import { Patience } from "./deadline.ts";
import type { Via } from "./http-client.ts";

export interface SaidByCode {
  readonly says: Says;
  /** The service's id of the thread, where it was told. */
  readonly thread?: string;
  /** Who answered, where it was told. */
  readonly served?: string;
}

/**
 * A turn that code of the target's owner takes. It is left alone once the time is over, or the
 * client hangs up, whether it listens to its signal or not.
 */
export async function saidByCode(
  say: Say,
  saying: Omit<Saying, "signal">,
  { timeoutMs, hangUp }: Via,
): Promise<SaidByCode> {
  using patience = new Patience(timeoutMs, hangUp);
  const { signal } = patience;
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(signal.reason);
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave);
  try {
    // In a promise of its own: what it throws at once is thrown all the same.
    const turn = (async () => say({ ...saying, signal }))();
    return saidIn(await Promise.race([turn, left.promise]));
  } catch (cause) {
    const why = signal.aborted ? messageOf(signal.reason) : `say threw: ${messageOf(cause)}`;
    return { says: { kind: "unknown", why } };
  }
}

function saidIn(said: Said): SaidByCode {
  // Types do not hold in JavaScript.
  const given: Partial<Record<"reply" | "refused" | "thread" | "served", unknown>> | undefined =
    said;
  if (typeof given?.refused === "string") return { says: { kind: "refused", why: given.refused } };
  if (typeof given?.reply !== "string") {
    const found = JSON.stringify(said) ?? "undefined";
    const why = `say resolved to ${found}; it has to be { reply } or { refused }, each a text`;
    return { says: { kind: "unknown", why } };
  }
  const { reply, thread, served } = given;
  return {
    says: { kind: "replied", reply },
    ...(typeof thread === "string" ? { thread } : {}),
    ...(typeof served === "string" ? { served } : {}),
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
