import type { Say, Said, Saying } from "../config/dialect.ts";
import type { Meaning } from "./interpret.ts";
import { Deadline } from "./deadline.ts";
import type { Via } from "./http-client.ts";

export interface SaidByCode {
  readonly meaning: Meaning;
  /** The service's thread id, if the function returned one. */
  readonly thread?: string;
  /** The replica that answered, if the function returned one. */
  readonly served?: string;
}

/**
 * Sends a turn through the configuration's own function. When the time is up or the client hangs
 * up, the harness stops waiting, even if the function ignores its signal.
 */
export async function saidByCode(
  say: Say,
  saying: Omit<Saying, "signal">,
  { timeoutMs, hangUp }: Via,
): Promise<SaidByCode> {
  using deadline = new Deadline(timeoutMs, hangUp);
  const { signal } = deadline;
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(signal.reason);
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave);
  try {
    // Wrapped, so that a synchronous throw rejects like an asynchronous one.
    const turn = (async () => say({ ...saying, signal }))();
    return saidIn(await Promise.race([turn, left.promise]));
  } catch (cause) {
    const why = signal.aborted ? messageOf(signal.reason) : `say threw: ${messageOf(cause)}`;
    return { meaning: { kind: "unknown", why } };
  }
}

function saidIn(said: Said): SaidByCode {
  // A configuration in JavaScript may return anything.
  const given: Partial<Record<"reply" | "refused" | "thread" | "served", unknown>> | undefined =
    said;
  if (typeof given?.refused === "string")
    return { meaning: { kind: "refused", why: given.refused } };
  if (typeof given?.reply !== "string") {
    const found = JSON.stringify(said) ?? "undefined";
    const why = `say resolved to ${found}; it must be { reply } or { refused }, each a string`;
    return { meaning: { kind: "unknown", why } };
  }
  const { reply, thread, served } = given;
  return {
    meaning: { kind: "ok", reply },
    ...(typeof thread === "string" ? { thread } : {}),
    ...(typeof served === "string" ? { served } : {}),
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
