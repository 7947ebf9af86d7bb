import type { Entry, EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding, Outage } from "./findings.ts";
import { inWords, isWithin, outagesIn, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, servedBy } from "./turns.ts";

/**
 * While nothing can be saved no turn is reported as done, and none acts any further: what the model
 * says then cannot be stored, so neither may its reply go out, nor a tool be called for it. The
 * workload begins nothing while such a fault is being put in place.
 */
export const noSuccessWithoutSaving: Checker = {
  name: "no-success-without-saving",
  needs: ["model"],
  judge,
};

/** Something that a turn did in an outage, after a model call whose answer could not be saved. */
interface Deed {
  readonly outage: Outage;
  readonly call: EntryOf<"model.call">;
  readonly did: Attempt | EntryOf<"tool.call">;
}

function judge(history: History): Verdict {
  const outages = outagesIn(history, "saves");
  const attempts = attemptsOf(history).filter(({ begin }) => begin.purpose === "workload");
  const met = attempts.filter((attempt) => outages.some((outage) => isWithin(attempt, outage)));
  const deeds = outages.flatMap((outage) => deedsIn(history, outage, attempts));
  const findings = [
    ...unsavedSuccess(deeds.filter(({ did }) => "begin" in did)),
    ...unsavedEffect(deeds.filter(({ did }) => !("begin" in did))),
  ];
  return verdictOf(
    findings,
    met.length > 0
      ? { kind: "holds", checked: met.length }
      : { kind: "inconclusive", because: "no turn was under way while nothing could be saved" },
  );
}

function deedsIn(history: History, outage: Outage, attempts: readonly Attempt[]): Deed[] {
  const within = ({ seq }: Entry): boolean => seq > outage.begin.seq && seq < outage.until;
  const calls = entriesOf(history, "model.call").filter(within);
  const since = (turn: string | null, seq: number) =>
    turn === null ? undefined : calls.find((call) => call.turn === turn && call.seq < seq);
  const done = attempts.flatMap((did): Deed[] => {
    const { begin, end } = did;
    if (end === null || !within(end) || end.outcome.kind !== "ok") return [];
    const call = since(begin.turn, end.seq);
    return call === undefined ? [] : [{ outage, call, did }];
  });
  const effects = entriesOf(history, "tool.call").flatMap((did): Deed[] => {
    const call = within(did) ? since(did.turn, did.seq) : undefined;
    return call === undefined ? [] : [{ outage, call, did }];
  });
  return [...done, ...effects];
}

function unsavedSuccess(deeds: readonly Deed[]): Finding[] {
  const { did, outage } = deeds[0] ?? {};
  if (did === undefined || outage === undefined || !("begin" in did)) return [];
  const more = deeds.length === 1 ? "" : ` (and ${deeds.length - 1} more)`;
  return [
    {
      diagnosis: {
        kind: "unsaved-success",
        because:
          `turn ${did.begin.turn} was reported as done by ${servedBy(did) ?? "a replica"}, ` +
          `with a reply that could not have been saved (${outage.name})${more}`,
        remedy:
          "Let a save that fails fail the turn: catch no error of the saver, fall back to no memory" +
          " of the process, and answer only once the last checkpoint is written",
        faults: [outage.name],
      },
      evidence: evidenceOf(deeds),
    },
  ];
}

function unsavedEffect(deeds: readonly Deed[]): Finding[] {
  const { did, outage, call } = deeds[0] ?? {};
  if (did === undefined || outage === undefined || "begin" in did) return [];
  const more = deeds.length === 1 ? "" : ` (and ${deeds.length - 1} more)`;
  return [
    {
      diagnosis: {
        kind: "unsaved-effect",
        because:
          `${did.tool} of turn ${did.turn} was called on ${inWords([did.replica])} after model call ` +
          `${call?.ordinal}, whose answer could not have been saved (${outage.name})${more}`,
        remedy:
          'Run the graph with durability "sync" where tools act, so that a step is saved before the' +
          " next begins: with async and exit a turn acts on what nobody will know of",
        faults: [outage.name],
      },
      evidence: evidenceOf(deeds),
    },
  ];
}

function evidenceOf(deeds: readonly Deed[]): Entry[] {
  return deeds.flatMap(({ outage, call, did }) => {
    const entries = "begin" in did ? [did.begin, ...(did.end === null ? [] : [did.end])] : [did];
    return [outage.begin, call, ...entries];
  });
}
