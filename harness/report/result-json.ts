/** result.json: its schema, which is checked against the types of report.ts, and its reader. */
import { z } from "zod";
import { levels } from "../history/level.ts";
import { bite, entry } from "../history/schema.ts";
import type { RunReport } from "./result.ts";

/** Of result.json: 2 since levels have names and no field repeats another. */
const version = 2;

const text = z.string();
const level = z.enum(levels);
const verdictKind = z.enum(["holds", "inconclusive", "violated"]);
const milliseconds = z.number().nonnegative();
const count = z.int().nonnegative();

const expected = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("holds") }),
  z.object({
    kind: z.enum(["violated", "inconclusive"]),
    checker: text.nullable().describe("The checker that says so; null: any may"),
    diagnoses: z.array(text).describe("The diagnosis kinds seen each time, over all checkers"),
    perhaps: z.array(text).default([]).describe("Those that may be seen as well"),
    reason: text.nullable().describe("Why it is accepted; required in a baseline"),
  }),
]);

const ladder = z.object({
  kept: z.array(level).describe("The highest levels that all threads keep; empty: none"),
  broken: z.object({ level, seq: count, because: text }).nullable(),
});

const diagnosis = z.object({
  kind: text.describe("A stable word: expectations and baselines name it"),
  because: text.describe("What happened, in one sentence"),
  remedy: text.describe("What to change, in one sentence"),
  lists: z
    .array(
      z.object({ label: text, replica: text.nullable(), at: z.number(), tokens: z.array(text) }),
    )
    .exactOptional()
    .describe("What the agent remembered, as seen by each; where two of them disagree"),
  faults: z.array(text).exactOptional().describe("The faults between the lists"),
});

const result = z.object({
  scenario: text,
  claim: text.describe("The property that the scenario tests, said positively"),
  target: text,
  variant: text.nullable().describe("null: the target as it is"),
  backend: text,
  verdict: z.object({ kind: verdictKind, because: text }),
  checker: text.nullable().describe("The first checker with the verdict's kind; null: all hold"),
  checkers: z.array(z.object({ checker: text, kind: verdictKind, because: text })),
  expected,
  asExpected: z.boolean().describe("Verdict, checker and set of diagnoses are the expected ones"),
  ladder: ladder.nullable(),
  diagnoses: z.array(diagnosis),
  control: z
    .object({
      says: z.enum(["needs two replicas", "one replica suffices", "not seen again"]),
    })
    .nullable()
    .describe("The repetition with a single replica; it never changes the verdict"),
  evidence: z.array(entry).describe("Entries of the history, in order"),
  durationMs: milliseconds,
  figures: z
    .array(z.object({ name: text, measured: z.number(), allowed: z.number().nullable() }))
    .default([])
    .describe("What was measured beside what is promised; the name ends with the unit"),
  seenThrough: z
    .array(z.enum(["model wire", "state", "replies", "asking it to repeat"]))
    .default([])
    .describe("What showed what the agent remembers; empty: nothing did"),
  recovery: z
    .object({
      how: z.enum(["by itself", "needs a restart", "never"]),
      afterMs: milliseconds.nullable().describe("null: not without a restart"),
      withinMs: milliseconds.describe("What is promised"),
    })
    .nullable()
    .default(null)
    .describe("How the threads came back once everything was healed, the worst of them"),
  turns: z.object({ ok: count, failed: count, unknown: count }),
  faults: z.array(z.object({ name: text, bite })),
  reproduce: text.describe("The command that reproduces this case"),
  run: text.describe("The header's run, by which its lines are found in history.jsonl"),
});

const runReport = z.object({
  schemaVersion: z.literal(version),
  startedAt: z.iso.datetime({ offset: true }),
  durationMs: milliseconds,
  seed: z.int(),
  command: text.describe("The command line that was given, as a shell would take it"),
  commit: text.nullable().describe("Of the checkout that was run; null outside git"),
  versions: z.record(text, text),
  results: z.array(result),
  notRun: z.array(
    z.object({
      scenario: text,
      claim: text.default("").describe("What was not put to the test"),
      target: text,
      variant: text.nullable(),
      checker: text.exactOptional().describe("Absent: the whole scenario was not run"),
      reason: text,
    }),
  ),
  stale: z.array(text).describe("Baseline entries that no longer occur"),
});

// Schema and types must not drift apart: this fails to compile when one has what the other lacks.
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;
type Agree<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Agree<z.output<typeof runReport>, Plain<RunReport>>;

/**
 * The JSON Schema (2020-12) of result.json. It refuses unknown fields, because it is written
 * beside the file by the same version; `parseResult` overlooks them, so that a field which a
 * later version adds does not make a report unreadable.
 */
export function resultSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(runReport, {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.properties) jsonSchema.additionalProperties = false;
    },
  });
  return { ...schema, title: `result.json of threadproof, schemaVersion ${version}` };
}

/**
 * Reads the text of a result.json. `from` names the file in errors, which are one sentence each:
 * not JSON, written by another version of threadproof, or not a result.json, with the field at fault.
 */
export function parseResult(text: string, from = "result.json"): RunReport {
  const json = parseJson(text, from);
  const written = z.object({ schemaVersion: z.number() }).safeParse(json).data?.schemaVersion;
  if (written === undefined) {
    throw new Error(`${from} has no schemaVersion, so threadproof run did not write it`);
  }
  if (written !== version) {
    const which = written > version ? "newer" : "older";
    throw new Error(
      `${from} has schemaVersion ${written} and this threadproof reads ${version}: ` +
        `render it with the ${which} threadproof that wrote it`,
    );
  }
  const parsed = runReport.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = z.core.toDotPath(issue?.path ?? []);
  throw new Error(
    `${from} is not a result of threadproof at ${field || "the top"}: ` +
      `${issue?.message ?? "unreadable"}; write it afresh with threadproof run`,
    { cause: parsed.error },
  );
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = text.trim() === "" ? "is empty" : "is not JSON, or was cut off";
    throw new Error(`${from} ${what}: write it afresh with threadproof run`, { cause });
  }
}
