import { z } from "zod";
import { header } from "../../history/header.ts";
import { entry, type Entry, type History } from "../../history/history.ts";
import { isNamed } from "../../history/case-name.ts";

/** A history as it was recorded, of one run of a scenario. */
interface Record extends History {
  readonly entries: Entry[];
}

/**
 * All runs of scenarios in the text of a history.jsonl, whose lines may mix. Throws one sentence
 * with the line where it is not one. What a killed run was writing last is left out.
 */
export function recordsIn(text: string, file: string): History[] {
  const runs = new Map<string, Record>();
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const place = `${file}:${index + 1}`;
    const json = jsonOf(line);
    if (json === undefined) {
      if (index === lines.length - 1) break;
      throw new Error(`${place} is not JSON: threadproof run did not write it`);
    }
    if ("header" in json) {
      const read = believed(header, json.header, place);
      runs.set(read.run, { header: read, entries: [] });
      continue;
    }
    const run = runs.get(String(json["run"]));
    if (run === undefined) throw new Error(`${place} belongs to no run that has begun before it`);
    run.entries.push(believed(entry, json, place));
  }
  return [...runs.values()];
}

function jsonOf(line: string): Readonly<{ [field: string]: unknown }> | undefined {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}

function believed<S extends z.ZodType>(schema: S, value: unknown, place: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = z.core.toDotPath(issue?.path ?? []) || "the line";
  throw new Error(`${place} is no entry of a history: ${field}: ${issue?.message ?? "unreadable"}`);
}

/**
 * The run that is meant: by the name of its lines, by "scenario/variant", or by as much of the name
 * as only one has. Without a name the only one. Controls have to be named by their run. Throws with
 * those that there are.
 */
export function recordOf(records: readonly History[], name: string | null): History {
  if (records.length === 0) throw new Error("no run is recorded in it");
  const own = records.filter(({ header: { control } }) => !control);
  const found =
    name === null
      ? own
      : records.filter(({ header: { run } }) => run === name).concat(own.filter(isMeant(name)));
  const [first] = found;
  const meant = new Set(found);
  if (first !== undefined && meant.size === 1) return first;
  const names = [...(meant.size === 0 ? records : meant)].map((it) => it.header.run);
  const told = names.map((it) => `\n  ${it}`).join("");
  if (name === null) throw new Error(`it has ${own.length} runs: which one? --case takes${told}`);
  const which = meant.size === 0 ? `no run "${name}"; there are` : `"${name}" may be one of`;
  throw new Error(`${which}${told}`);
}

function isMeant(name: string) {
  return ({ header }: History): boolean => isNamed(header, name) && header.run !== name;
}
