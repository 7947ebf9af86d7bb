import { describe, expect, test } from "vitest";
import { headerOf } from "../../test/support/shorthand.ts";
import { holds, violated } from "../checkers/expectation.ts";
import type { Event, Outcome, Purpose } from "../history/history.ts";
import { Recording } from "../history/recording.ts";
import { resultOf, seenOf } from "./case-result.ts";
import type { Judgement, Subject } from "./run.ts";
import type { Diagnosis, Ladder, Verdict } from "../checkers/verdict.ts";

const diagnosis = (kind: string, because = ""): Diagnosis => ({ kind, because, remedy: "mend it" });

function violation(checker: string, ...kinds: string[]): Judgement {
  const [first = diagnosis("none"), ...more] = kinds.map((it) => diagnosis(it, `by ${checker}`));
  const because = `${checker} says no`;
  return {
    checker,
    verdict: { kind: "violated", because, evidence: [], diagnoses: [first, ...more] },
    figures: [],
  };
}

const held = (checker: string, ladder?: Ladder): Judgement => ({
  checker,
  verdict: { kind: "holds", checked: 3, ...(ladder === undefined ? {} : { ladder }) },
  figures: [],
});
const open = (checker: string): Judgement => ({
  checker,
  verdict: { kind: "inconclusive", because: `${checker} cannot say` },
  figures: [],
});

describe("the merged verdict", () => {
  test("it is the worst one, with the first checker that gave it", () => {
    expect(seenOf([held("a"), open("b"), violation("c", "x"), violation("d", "y")])).toEqual({
      kind: "violated",
      checker: "c",
      diagnoses: ["x", "y"],
    });
    expect(seenOf([held("a"), open("b"), open("c")])).toEqual({
      kind: "inconclusive",
      checker: "b",
      diagnoses: [],
    });
    expect(seenOf([held("a")])).toEqual({ kind: "holds", checker: null, diagnoses: [] });
  });

  test("without any judgement it is inconclusive", () => {
    expect(seenOf([])).toEqual({ kind: "inconclusive", checker: null, diagnoses: [] });
  });

  test("it lists each diagnosis once, in the order of the checkers", () => {
    const two = [violation("a", "x", "y"), violation("b", "x", "z")];
    expect(seenOf(two)).toEqual({ kind: "violated", checker: "a", diagnoses: ["x", "y", "z"] });
    expect(seenOf(two.toReversed()).diagnoses).toEqual(["x", "z", "y"]);
  });
});

const subject = {
  scenario: { name: "restart", definition: { claim: "it survives" } },
  target: { name: "mine", definition: {} },
  variant: null,
} as Subject;

function tell(judgements: Judgement[], events: readonly Event[] = [], expected = holds) {
  const history = new Recording(headerOf({}), null);
  for (const event of events) history.record(event);
  const report = { history, judgements, notApplicable: [], stuck: null, durationMs: 12.3 };
  return resultOf(subject, report, { expected, reproduce: "again" });
}

/** One attempt of a turn. */
function attempt(turn: string, outcome: Outcome["kind"], purpose: Purpose = "workload"): Event[] {
  const name = `${turn}/${outcome}`;
  const said = { kind: "attempt.begin", attempt: name, turn, purpose } as Event;
  return [said, { kind: "attempt.end", attempt: name, outcome: { kind: outcome } } as Event];
}

describe("a result", () => {
  test("it has the deciding verdict, and the verdict of each checker", () => {
    const result = tell([held("a"), violation("b", "x", "y"), open("c")]);
    expect(result).toMatchObject({
      scenario: "restart",
      claim: "it survives",
      target: "mine",
      variant: null,
      verdict: { kind: "violated", because: "b says no" },
      checker: "b",
      checkers: [
        { checker: "a", kind: "holds", because: "3 checked" },
        { checker: "b", kind: "violated", because: "b says no" },
        { checker: "c", kind: "inconclusive", because: "c cannot say" },
      ],
      diagnoses: [{ kind: "x", remedy: "mend it" }, { kind: "y" }],
      asExpected: false,
      durationMs: 12,
      reproduce: "again",
    });
  });

  test("it is as expected if verdict, checker and diagnoses are", () => {
    const seen = [held("a"), violation("b", "x", "y")];
    expect(tell(seen, [], violated("b", ["y", "x"])).asExpected).toBe(true);
    expect(tell(seen, [], violated("b", ["x"])).asExpected).toBe(false);
    expect(tell([held("a")]).asExpected).toBe(true);
  });

  test("it shows the first checker's diagnosis of each kind", () => {
    const { diagnoses } = tell([violation("a", "x"), violation("b", "y", "x")]);
    expect(diagnoses.map((it) => [it.kind, it.because])).toEqual([
      ["x", "by a"],
      ["y", "by b"],
    ]);
  });

  test("it has the ladder of the checker that found one", () => {
    const ladder: Ladder = { kept: ["linearizable"], broken: null };
    expect(tell([held("a"), held("b", ladder)]).ladder).toEqual(ladder);
    expect(tell([held("a")]).ladder).toBeNull();
  });

  test("it has the figures of each checker, whatever the verdict", () => {
    const figures = [{ name: "growth.rowsPerTurn", measured: 21, allowed: null }];
    expect(tell([{ ...held("a"), figures }, violation("b", "x")]).figures).toEqual(figures);
    expect(tell([held("a")]).figures).toEqual([]);
  });

  test("its evidence is at most twelve entries", () => {
    const phase = { kind: "phase", phase: "final", at: 0 } as const;
    const evidence = Array.from({ length: 30 }, (_, i) => ({ ...phase, seq: i + 1 }));
    const verdict = { ...violation("a", "x").verdict, evidence } as Verdict;
    expect(tell([{ checker: "a", verdict, figures: [] }]).evidence).toEqual(evidence.slice(0, 12));
  });

  test("it counts each turn once, by its best attempt, and no warm-up turns", () => {
    const events = [
      ...attempt("warm", "ok", "warm-up"),
      ...attempt("t1", "ok"),
      ...attempt("t2", "unknown"),
      ...attempt("t2", "ok"),
      ...attempt("t3", "failed"),
      ...attempt("t3", "unknown"),
      ...attempt("t4", "failed"),
      ...attempt("t5", "interrupted"),
      ...attempt("t6", "ok", "last"),
    ];
    expect(tell([held("a")], events).turns).toEqual({ ok: 3, failed: 1, unknown: 2 });
  });

  test("it lists every fault with its effect", () => {
    const bite = { bit: true, what: "pid 1 died" };
    const events: Event[] = [
      { kind: "fault.begin", fault: "f1", name: "kill a", replica: "a", stops: null },
      { kind: "fault.end", fault: "f1", name: "kill a", bite },
    ];
    expect(tell([held("a")], events).faults).toEqual([{ name: "kill a", bite }]);
  });
});
