/** A service that fails every turn before it calls the model, because its tables are missing. */
import { entriesOf } from "../../history/history.ts";
import type { History } from "../../history/history.ts";
import { errorOf, namedIn } from "../error-words.ts";
import type { Finding } from "../findings.ts";
import { finding, inWords } from "../findings.ts";
import { attemptsOf, entriesIn } from "../turns.ts";
import type { Attempt } from "../turns.ts";

/**
 * Every attempt of the run, on every replica, ended with a server error before any model call, at
 * least one of them while no fault was active, and a response or the log says that a table is
 * missing. A refusal is no error: a service that is not ready is right to say so.
 */
export function neverInitialised(history: History): Finding | null {
  // Without the model wire nothing shows whether the model was called.
  if (!history.header.capabilities.includes("model")) return null;
  const attempts = attemptsOf(history).filter(({ begin }) => begin.sound);
  const errors = attempts.filter(isServerError);
  if (attempts.length === 0 || errors.length < attempts.length) return null;
  const turns = new Set<string | null>(attempts.map(({ begin }) => begin.turn));
  if (entriesOf(history, "model.call").some(({ turn }) => turns.has(turn))) return null;
  const served = new Set(errors.map(({ end }) => end?.replica));
  if (!history.header.replicas.every((replica) => served.has(replica))) return null;
  if (errors.every((each) => underFault(history, each))) return null;
  const named = errors.map(errorOf).find((error) => namedIn(error) === "not-initialised");
  if (named === undefined) return null;
  const because =
    `all ${errors.length} attempts, on ${inWords(history.header.replicas)}, ended with a server ` +
    `error before the model was called: ${named}`;
  const evidence = errors.flatMap(entriesIn);
  return finding("not-initialised", { because, evidence });
}

function isServerError({ end }: Attempt): boolean {
  return end?.outcome.kind === "unknown" && end.status !== null && end.status >= 500;
}

function underFault(history: History, { begin, end }: Attempt): boolean {
  const ends = new Map(entriesOf(history, "fault.end").map(({ fault, seq }) => [fault, seq]));
  return entriesOf(history, "fault.begin").some(
    ({ fault, seq }) => seq < (end?.seq ?? Infinity) && begin.seq < (ends.get(fault) ?? Infinity),
  );
}
