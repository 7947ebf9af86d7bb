import type { Entry, EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding, Outage } from "./findings.ts";
import { andMore, finding, isWithin, outagesIn, verdictOf } from "./findings.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, entriesIn, servedBy } from "./turns.ts";

/**
 * While nothing can be saved, no turn is reported as done and none goes on to act. What the model
 * says then cannot be stored, so its reply must not go out, and no tool may be called for it. The
 * workload begins no turn while such a fault is being put in place.
 */
export const noSuccessWithoutSaving: Checker = {
  name: "no-success-without-saving",
  needs: ["model"],
  judge,
};

/** What a turn did in an outage after a model call whose answer could not be saved. */
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
  const because =
    `turn ${did.begin.turn} was reported as done by ${servedBy(did) ?? "a replica"}, ` +
    `with a reply that could not have been saved (${outage.name})${andMore(deeds)}`;
  const evidence = evidenceOf(deeds);
  return [finding("unsaved-success", { because, evidence, faults: [outage.name] })];
}

function unsavedEffect(deeds: readonly Deed[]): Finding[] {
  const { did, outage, call } = deeds[0] ?? {};
  if (did === undefined || outage === undefined || "begin" in did) return [];
  const because =
    `${did.tool} of turn ${did.turn} was called on ${did.replica} after model call ` +
    `${call?.ordinal}, whose answer could not have been saved (${outage.name})${andMore(deeds)}`;
  const evidence = evidenceOf(deeds);
  return [finding("unsaved-effect", { because, evidence, faults: [outage.name] })];
}

function evidenceOf(deeds: readonly Deed[]): Entry[] {
  return deeds.flatMap(({ outage, call, did }) => [
    outage.begin,
    call,
    ...("begin" in did ? entriesIn(did) : [did]),
  ]);
}
