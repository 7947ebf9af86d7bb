import { z } from "zod";
import { header } from "../../history/header.ts";
import { entry, type Entry, type History } from "../../history/history.ts";
import { isNamed } from "../../history/case-name.ts";

/** The recorded history of one run of a scenario. */
interface Record extends History {
  readonly entries: Entry[];
}

/**
 * All runs in the text of a history.jsonl, whose lines may be interleaved. Ignores an incomplete
 * last line, as a killed run leaves it. Throws one sentence that names the line if it is invalid.
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
      const read = parsed(header, json.header, place);
      runs.set(read.run, { header: read, entries: [] });
      continue;
    }
    const run = runs.get(String(json["run"]));
    if (run === undefined) throw new Error(`${place} belongs to a run without a header before it`);
    run.entries.push(parsed(entry, json, place));
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

function parsed<S extends z.ZodType>(schema: S, value: unknown, place: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = z.core.toDotPath(issue?.path ?? []) || "the line";
  throw new Error(`${place} is not a history entry: ${field}: ${issue?.message ?? "unreadable"}`);
}

/**
 * Selects a run by its full name, by "scenario/variant", or by a unique part of its name. Without a
 * name there must be only one. An experiment needs its full name. Throws with the list of runs.
 */
export function recordOf(records: readonly History[], name: string | null): History {
  if (records.length === 0) throw new Error("the history has no run");
  const own = records.filter(({ header: { experiment } }) => experiment === null);
  const found =
    name === null
      ? own
      : records.filter(({ header: { run } }) => run === name).concat(own.filter(isMeant(name)));
  const [first] = found;
  const meant = new Set(found);
  if (first !== undefined && meant.size === 1) return first;
  const names = [...(meant.size === 0 ? records : meant)].map((it) => it.header.run);
  const list = names.map((it) => `\n  ${it}`).join("");
  if (name === null) {
    throw new Error(`the history has ${own.length} runs; select one with --case:${list}`);
  }
  const which = meant.size === 0 ? `no run "${name}"; there are` : `"${name}" is ambiguous:`;
  throw new Error(`${which}${list}`);
}

function isMeant(name: string) {
  return ({ header }: History): boolean => isNamed(header, name) && header.run !== name;
}
