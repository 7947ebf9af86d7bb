import { describe, expect, test } from "vitest";
import { type DiagnosisKind, diagnoses, diagnosisKinds, themes, worstFirst } from "./diagnoses.ts";
import type { DiagnosisRow } from "./diagnoses/row.ts";
import { finding, verdictOf } from "./findings.ts";

const rows = Object.entries<DiagnosisRow>(diagnoses).map(([kind, row]) => ({ kind, ...row }));

describe("the table", () => {
  test("has each kind of each theme once, in the order of the themes", () => {
    expect(Object.values(themes).flatMap((theme) => Object.keys(theme))).toEqual(diagnosisKinds);
  });

  test.each(rows)("says of $kind what it is, what it costs, and what proves it", (row) => {
    expect(row.kind).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(row.title).toMatch(/^[A-Z].{5,60}[^.\s]$/);
    expect(row.meaning).toMatch(/^[A-Z].{10,120}\.$/);
    expect(row.evidence).toMatch(/^[A-Z].*\.$/);
    const remedies = typeof row.remedy === "string" ? [row.remedy] : Object.values(row.remedy);
    for (const remedy of remedies) expect(remedy).toMatch(/^[A-Z].*[^.\s]$/);
  });

  test("explains kinds by worse ones only", () => {
    const wrong = rows.flatMap(({ kind, explainedBy = [] }) =>
      explainedBy.filter((other) => {
        const known = diagnosisKinds.includes(other as DiagnosisKind);
        return !known || worstFirst({ kind: other }, { kind }) >= 0;
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("warns of session locks behind a pooler wherever it recommends one", () => {
    const locks = rows.filter(({ remedy }) => JSON.stringify(remedy).includes("pg_advisory_lock"));
    expect(locks.map(({ kind }) => kind)).toEqual(["not-initialised", "lost-update", "setup-race"]);
    for (const { remedy } of locks) {
      expect(remedy).toMatch(/pg_advisory_xact_lock/);
      expect(remedy).toMatch(/pooler/);
      expect(remedy).toMatch(/direct connection/);
    }
  });
});

test("diagnoses of a verdict are in the order of the table, and foreign kinds come last", () => {
  const foreign = { diagnosis: { kind: "mine", because: "m", remedy: "" }, evidence: [] };
  const orphans = finding("orphans", { because: "o", evidence: [] });
  const leak = finding("cross-thread-leak", { because: "l", evidence: [] });
  const verdict = verdictOf([foreign, orphans, leak], { kind: "holds", checked: 1 });
  expect(verdict).toMatchObject({
    because: "l; o; m",
    diagnoses: [{ kind: "cross-thread-leak" }, { kind: "orphans" }, { kind: "mine" }],
  });
});

test("a kind with several remedies gets the one of its case", () => {
  const facts = { because: "", evidence: [] };
  const keyless = finding("duplicated-effect", { ...facts, remedy: "no key" });
  expect(keyless.diagnosis.remedy).toBe(diagnoses["duplicated-effect"].remedy["no key"]);
  const lost = finding("lost-turn", facts);
  expect(lost.diagnosis).toEqual({
    kind: "lost-turn",
    because: "",
    remedy: diagnoses["lost-turn"].remedy,
  });
});
