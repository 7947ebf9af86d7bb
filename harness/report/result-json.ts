/** result.json: its JSON Schema and its reader. */
import { z } from "zod";
import { type RunReport, runReport, schemaVersion } from "./result.ts";

/**
 * The JSON Schema (2020-12) of result.json. It rejects unknown fields, because the same version
 * writes it next to the file. `parseResult` ignores them, so that it can read the reports of later
 * versions with more fields.
 */
export function resultSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(runReport, {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.properties) jsonSchema.additionalProperties = false;
    },
  });
  return { ...schema, title: `result.json of threadproof, schemaVersion ${schemaVersion}` };
}

/**
 * Reads the text of a result.json. `from` names the file in errors, which are one sentence each:
 * not JSON, written by another version of threadproof, or an invalid field.
 */
export function parseResult(text: string, from = "result.json"): RunReport {
  const json = parseJson(text, from);
  const written = z.object({ schemaVersion: z.number() }).safeParse(json).data?.schemaVersion;
  if (written === undefined) {
    throw new Error(`${from} has no schemaVersion, so threadproof run did not write it`);
  }
  if (written !== schemaVersion) {
    const which = written > schemaVersion ? "newer" : "older";
    throw new Error(
      `${from} has schemaVersion ${written} and this threadproof reads ${schemaVersion}: ` +
        `render it with the ${which} threadproof that wrote it`,
    );
  }
  const parsed = runReport.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = z.core.toDotPath(issue?.path ?? []);
  throw new Error(
    `${from} is not a result of threadproof at ${field || "the top"}: ` +
      `${issue?.message ?? "unreadable"}; write it again with threadproof run`,
    { cause: parsed.error },
  );
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = text.trim() === "" ? "is empty" : "is not JSON, or was cut off";
    throw new Error(`${from} ${what}: write it again with threadproof run`, { cause });
  }
}
