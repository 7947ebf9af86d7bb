/** Formats history entries as lines of text. */
import type { Entry, EntryOf, Outcome } from "../history/history.ts";
import { isMessage } from "../history/token.ts";
import { moment } from "./phrases.ts";
import type { Result } from "./result.ts";

export interface EvidenceLine {
  readonly at: string;
  /** Contains raw tokens, which `readable` replaces. */
  readonly text: string;
}

export function evidenceLines(result: Result): EvidenceLine[] {
  return result.evidence.map((entry) => ({ at: moment(entry.at), text: sentence(entry) }));
}

function sentence(entry: Entry): string {
  switch (entry.kind) {
    case "attempt.begin":
      return attempt(entry);
    case "attempt.end":
      return `${by(entry.replica)} answers ${entry.status ?? "nothing"}: ${said(entry.outcome)}`;
    case "read.begin":
      return readInWords(entry);
    case "read.end":
      return `${by(entry.replica)} shows ${listed(entry.list)}${reason(entry.why)}`;
    case "thread.deleted":
      return `thread ${entry.thread} ${entry.ok ? "is deleted" : "could not be deleted"}`;
    case "model.call":
      return modelCall(entry);
    case "model.answer":
      return `the model ${entry.tools.length > 0 ? `asks for ${entry.tools.join(", ")}` : "replies"}`;
    case "tool.call":
      return `${entry.replica} calls ${entry.tool}, key ${entry.key ?? "none"}`;
    case "tool.answer":
      return entry.admitted ? "the effect happens" : "the key was known: no effect";
    case "statement": {
      const which = `${entry.name} ${entry.ordinal}`;
      const ending = entry.phase === "done" ? "is executed" : "fails";
      return entry.phase === "sent" ? `${entry.replica} sends ${which}` : `${which} ${ending}`;
    }
    case "replica.start":
      return `${entry.replica} starts, pid ${entry.pid ?? "unknown"}`;
    case "replica.ready":
      return `${entry.replica} is ready`;
    case "replica.unready":
      return `${entry.replica} did not become ready: ${entry.why}`;
    case "replica.signal":
      return `${entry.replica} gets ${entry.signal}`;
    case "replica.exit":
      return exit(entry);
    case "fault.begin":
      return `fault begins: ${entry.name}`;
    case "fault.end":
      return `fault ends: ${entry.name}: ${entry.bite.what}`;
    case "survey":
      return `survey ${entry.label}: ${sizes(entry.ofThread ?? entry.tables)}`;
    case "act":
      return `act ${entry.act}: ${entry.of} does ${entry.does}`;
    case "act.end":
      return `act ${entry.act} ends${reason(entry.failed ?? null)}`;
    case "experiment":
      return `experiment "${entry.name}": ${entry.outcome}`;
    case "phase":
      return `phase: ${entry.phase}`;
  }
}

function readInWords({ thread, view, final }: EntryOf<"read.begin">): string {
  const through = view === "secondView" ? " through its second view" : "";
  return `thread ${thread} is read${through}${final ? " after all faults are healed" : ""}`;
}

function attempt(entry: EntryOf<"attempt.begin">): string {
  const id = JSON.stringify(entry.threadId) ?? "left out";
  return (
    `${entry.thread} says ${entry.turn}` +
    (entry.sound ? "" : `, thread id ${id}`) +
    (entry.on === null ? "" : `, to ${entry.on}`)
  );
}

function modelCall(entry: EntryOf<"model.call">): string {
  const turn = entry.turn === null ? "a side call" : `model call ${entry.ordinal}`;
  return `${entry.replica}, ${turn}, remembers ${listed(entry.list)}${reason(entry.malformed)}`;
}

function exit(entry: EntryOf<"replica.exit">): string {
  const how = entry.signal === null ? `with code ${entry.code ?? "unknown"}` : `by ${entry.signal}`;
  const last = entry.asked ? null : (entry.lastLines.at(-1) ?? null);
  return `${entry.replica} ends ${how}${entry.asked ? "" : ", unexpectedly"}${reason(last)}`;
}

function said(outcome: Outcome): string {
  if (outcome.kind === "ok") return "ok";
  return `${outcome.kind}: ${outcome.kind === "interrupted" ? outcome.approval : outcome.why}`;
}

/** The length of a list. Lists that matter are shown side by side elsewhere. */
function listed(list: readonly string[] | null): string {
  if (list === null) return "nothing readable";
  const turns = list.filter(isMessage).length;
  return `${turns} ${turns === 1 ? "turn" : "turns"}`;
}

function by(replica: string | null): string {
  return replica ?? "no known replica";
}

function reason(why: string | null): string {
  return why === null ? "" : `: ${why}`;
}

function sizes(tables: readonly { table: string; rows: number; bytes: number }[]): string {
  return tables.map(({ table, rows, bytes }) => `${table} ${rows} rows, ${bytes} bytes`).join("; ");
}
