import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { diagnosisKinds } from "../checkers/diagnoses.ts";
import { type Expectation, expectedBreak, meets } from "../checkers/expectation.ts";
import { kindsIn } from "../config/unknown-kinds.ts";
import { type CaseName, formatService } from "../history/case-name.ts";
import type { Result } from "../report/result.ts";

/**
 * The accepted violations of an existing service, with reasons. The keys are "target" or
 * "target/variant", then the scenario; the values are those of a variant's `breaks`.
 */
const shape = z.strictObject({
  schemaVersion: z.literal(1),
  accepted: z.record(
    z.string(),
    z.record(
      z.string(),
      z.strictObject({
        ...expectedBreak.shape,
        perhaps: expectedBreak.shape.perhaps.default([]),
        reason: z.string().min(1),
      }),
    ),
  ),
});

export class Baseline {
  readonly #accepted: z.infer<typeof shape>["accepted"];

  private constructor(accepted: z.infer<typeof shape>["accepted"]) {
    this.#accepted = accepted;
  }

  /**
   * `kinds`: the diagnoses that the file may name. Throws one sentence that names the file, the
   * place and the mistake.
   */
  static read(file: string, kinds: readonly string[] = diagnosisKinds): Baseline {
    if (!existsSync(file)) {
      throw new Error(
        `there is no baseline ${file}; write one with --baseline ${file} --write-baseline`,
      );
    }
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(file, "utf8"));
    } catch (cause) {
      throw new Error(`${file} is not JSON: ${cause instanceof Error ? cause.message : ""}`, {
        cause,
      });
    }
    const parsed = shape.safeParse(value);
    if (parsed.success) {
      const { accepted } = parsed.data;
      const [mistake] = Object.entries(accepted).flatMap(([service, expectations]) =>
        kindsIn(expectations, ["accepted", service], kinds),
      );
      if (mistake === undefined) return new Baseline(accepted);
      throw new Error(`${file}: ${mistake.path.join(".")}: ${mistake.says}`);
    }
    const [issue] = parsed.error.issues;
    throw new Error(`${file}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }

  find(name: CaseName): Expectation | null {
    return this.#accepted[formatService(name)]?.[name.scenario] ?? null;
  }
}

/**
 * Writes the results as accepted, and returns how many. An entry that still fits stays; a changed
 * entry keeps its reason. A new entry asks the user for a reason, because an unexplained violation
 * should not stay accepted.
 */
export function writeBaseline(file: string, results: readonly Result[]): number {
  const kinds = [
    ...diagnosisKinds,
    ...results.flatMap((it) => it.diagnoses.map(({ kind }) => kind)),
  ];
  const before = existsSync(file) ? Baseline.read(file, kinds) : null;
  const accepted: Record<string, Record<string, Expectation>> = {};
  let count = 0;
  for (const result of results) {
    const { scenario, verdict, checker, diagnoses } = result;
    if (verdict.kind === "holds") continue;
    const known = before?.find(result);
    const reason =
      (known?.kind === "holds" ? null : known?.reason) ?? "explain here why this is accepted";
    const key = formatService(result);
    const seen = { kind: verdict.kind, checker, diagnoses: diagnoses.map((it) => it.kind) };
    const entry =
      known !== null && known !== undefined && meets(seen, known)
        ? known
        : { ...seen, kind: verdict.kind, perhaps: [], reason };
    accepted[key] = { ...accepted[key], [scenario]: entry };
    count += 1;
  }
  writeFileSync(file, `${JSON.stringify({ schemaVersion: 1, accepted }, null, 2)}\n`);
  return count;
}
