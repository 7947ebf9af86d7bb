/** What a sweep writes: sweep.json, its types and its schema. */
import { z } from "zod";

const text = z.string();
const run = text.describe("Names the lines of the turn that decided, in history.jsonl");
const verdict = z.enum(["holds", "violated", "inconclusive"]);

/** What became of a turn that was killed at one point. */
const pointResult = z.strictObject({
  name: text.describe("before INSERT checkpoint_blobs 2 · after model call 1 · A, then B: doubly"),
  where: z.enum(["database", "model", "tools"]),
  replied: z
    .boolean()
    .describe("The client had its answer before: it is what the service saves after its reply"),
  verdict: verdict.describe("inconclusive: it was not reached, for one"),
  diagnosis: text.nullable().describe("The first cause; null: none"),
  because: text.nullable(),
  remedy: text.nullable(),
  repeated: z.array(text).describe("Kinds of what was done twice"),
  lost: z.array(text).describe("Kinds of what was lost, torn, or never answered"),
  reproduce: text.describe("The command that reproduces this point"),
  run,
});
export type PointResult = Readonly<z.infer<typeof pointResult>>;

/** A turn taken apart. */
const sweepReport = z.strictObject({
  schemaVersion: z.literal(1),
  target: text,
  variant: text.nullable().describe("null: the target as it is"),
  steps: z.array(text).describe('What the model asks for: "search", or "search+book" at once'),
  seed: z.int(),
  double: z.boolean().describe("With a second kill during each recovery"),
  fresh: z.boolean().describe("Each point had replicas of its own, which no other one had touched"),
  complete: z.boolean().describe("false: it was interrupted, and some points are missing"),
  turnPoints: z.int().describe("How many points the turn has, be they swept or not"),
  undisturbed: z
    .strictObject({ verdict, diagnosis: text.nullable(), because: text.nullable(), run })
    .describe("The same turn without a kill: what is wrong there, no kill has done"),
  points: z.array(pointResult),
  kills: z.int().describe("Turns that were killed: some points late and at once, or once more"),
  durationMs: z.number(),
  versions: z.record(text, text),
});
export type SweepReport = Readonly<z.infer<typeof sweepReport>>;

const sweepFile = z.union([sweepReport, z.array(sweepReport)]);

/** One service is told as it is, several as a list. */
export function sweepJson(reports: readonly SweepReport[]): SweepReport | readonly SweepReport[] {
  const [only, another] = reports;
  return only === undefined || another !== undefined ? reports : only;
}

/** The JSON Schema (2020-12) of sweep.json. */
export function sweepSchema(): object {
  return z.toJSONSchema(sweepFile, { target: "draft-2020-12" });
}

/** The reports of a sweep.json; null: it is none, or what was written has changed since. */
export function sweepsIn(json: string): SweepReport[] | null {
  try {
    return [sweepFile.parse(JSON.parse(json))].flat();
  } catch {
    return null;
  }
}
