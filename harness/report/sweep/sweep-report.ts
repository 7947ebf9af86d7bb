/** The output of a sweep: sweep.json, its types and its schema. */
import { z } from "zod";

const text = z.string();
const run = text.describe("The run that decided, which names its lines in history.jsonl");
const verdict = z.enum(["holds", "violated", "inconclusive"]);

/** The result of a turn that was killed at one point. */
const pointResult = z.strictObject({
  name: text.describe("before INSERT checkpoint_blobs 2 · after model call 1 · A, then B: doubly"),
  where: z.enum(["database", "model", "tools"]),
  replied: z
    .boolean()
    .describe("Whether the client already had its reply: the kill hits the saves after it"),
  verdict: verdict.describe("inconclusive: the turn did not reach the point, for example"),
  diagnosis: text.nullable().describe("The first cause; null: none"),
  because: text.nullable(),
  remedy: text.nullable(),
  repeated: z.array(text).describe("Kinds of diagnoses of repeated work"),
  lost: z.array(text).describe("Kinds of diagnoses of lost, torn or unanswered turns"),
  reproduce: text.describe("The command that reproduces this point"),
  run,
});
export type PointResult = Readonly<z.infer<typeof pointResult>>;

/** The result of a sweep over one turn. */
const sweepReport = z.strictObject({
  schemaVersion: z.literal(1),
  target: text,
  variant: text.nullable().describe("null: the plain target"),
  steps: z
    .array(text)
    .describe('The model\'s tool calls: "search", or "search+book" in one message'),
  seed: z.int(),
  double: z.boolean().describe("Whether there was a second kill during each recovery"),
  fresh: z.boolean().describe("Whether each point had new replicas"),
  complete: z.boolean().describe("false: the sweep was interrupted, so some points are missing"),
  turnPoints: z.int().describe("The number of points of the turn, swept or not"),
  undisturbed: z
    .strictObject({ verdict, diagnosis: text.nullable(), because: text.nullable(), run })
    .describe("The same turn without a kill; a violation here is not caused by a kill"),
  points: z.array(pointResult),
  kills: z.int().describe("Turns that were killed; some points need several kills"),
  durationMs: z.number(),
  versions: z.record(text, text),
});
export type SweepReport = Readonly<z.infer<typeof sweepReport>>;

const sweepFile = z.union([sweepReport, z.array(sweepReport)]);

/** A single report is written as an object, several as a list. */
export function sweepJson(reports: readonly SweepReport[]): SweepReport | readonly SweepReport[] {
  const [only, another] = reports;
  return only === undefined || another !== undefined ? reports : only;
}

/** The JSON Schema (2020-12) of sweep.json. */
export function sweepSchema(): object {
  return z.toJSONSchema(sweepFile, { target: "draft-2020-12" });
}

/** The reports in the text of a sweep.json; null: another file, or another version of it. */
export function sweepsIn(json: string): SweepReport[] | null {
  try {
    return [sweepFile.parse(JSON.parse(json))].flat();
  } catch {
    return null;
  }
}
