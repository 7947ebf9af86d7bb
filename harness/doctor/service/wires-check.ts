import { inWords } from "../../checkers/findings.ts";
import { entriesOf, type TableSize } from "../../history/history.ts";
import type { Capability } from "../../history/capability.ts";
import type { Target } from "../../config/configuration.ts";
import { answered, turnsOf, type Evidence, ownCalls, threads } from "./observed.ts";
import { broken, type Finding, open, works } from "./finding.ts";

/** The model calls of each replica's turns come to the wire of that replica. */
export function modelWire(evidence: Evidence): Finding {
  const { target, history } = evidence;
  if (!has(evidence, "model")) return open(notGiven(target, "model", "OPENAI_BASE_URL", "/v1"));
  const turns = answered(evidence);
  const calls = entriesOf(history, "model.call");
  if (turns.length === 0) return broken("nobody has answered a turn, so nobody has called it");
  const lost = turns.filter((it) => ownCalls(it).length === 0);
  const without = [...new Set(lost.flatMap(({ end }) => end?.replica ?? []))];
  const silent = without.filter((name) => calls.every(({ replica }) => replica !== name));
  if (silent.length > 0) {
    return broken(
      `${inWords(silent)} answered without calling it: which variable or option of the service ` +
        "takes the base URL of its model? It must be ${model}, with the path that the client wants",
    );
  }
  if (lost.length > 0) {
    return broken(
      "it is called, but no call shows the message that it answers: is the message sent whole?",
    );
  }
  const elsewhere = turns.find(({ begin, calls: own }) =>
    own.some(
      ({ turn, replica }) => turn === begin.turn && begin.on !== null && replica !== begin.on,
    ),
  );
  const note =
    elsewhere === undefined ? "" : "; the replica that is asked is not always the one that runs";
  const callers = new Set(turns.flatMap(ownCalls).map(({ replica }) => replica));
  const known = history.header.replicas.filter((name) => callers.has(name));
  return known.length === 0
    ? works("it is called; by which replica nobody can tell")
    : works(`called by ${inWords(known)}${note}`);
}

/** Each replica comes to the database on its own wire. */
export function databaseWire(evidence: Evidence): Finding {
  const { target, connections } = evidence;
  if (!has(evidence, "database")) return open(notGiven(target, "database", "DATABASE_URL", ""));
  const all = Object.entries(connections);
  const silent = all.flatMap(([name, count]) => (count === 0 ? [name] : []));
  if (silent.length > 0) {
    return broken(
      `${inWords(silent)} did not connect to it: which variable or option of the service takes ` +
        "the URL of its database? It must be ${database}",
    );
  }
  const counts = all.flatMap(([name, count]) => (count === null ? [] : [`${count} by ${name}`]));
  if (counts.length === 0) return open("this kind of wire cannot tell who has connected");
  return works(`connections: ${inWords(counts)}`);
}

/** What the turns have left in the database. */
export function storage(evidence: Evidence): Finding {
  if (!has(evidence, "survey")) return open("there is no database that may be looked at");
  const surveys = entriesOf(evidence.history, "survey");
  const [before, after] = [surveys[0], surveys.at(-1)];
  if (before === undefined || after === undefined || surveys.length < 2) {
    return broken("it has not been looked at");
  }
  const grown = after.tables.filter((table) => table.rows > rowsOf(before.tables, table.table));
  if (grown.length === 0) return broken(nothingSaved(after.tables));
  const ofThread = (after.ofThread ?? []).filter(({ rows }) => rows > 0);
  const rows = grown.map((it) => `${it.table} +${it.rows - rowsOf(before.tables, it.table)}`);
  const says = `rows after these turns: ${rows.join(", ")}`;
  return ofThread.length > 0
    ? works(says)
    : works(`${says}; no row mentions the id of the thread, so growth is that of all tables`);
}

function nothingSaved(tables: readonly TableSize[]): string {
  const saver = tables.find(({ table }) => /(^|\.)checkpoints$/.test(table));
  if (saver !== undefined && saver.rows === 0) {
    return (
      `the tables of PostgresSaver are there, but ${saver.table} has no rows: conversations are ` +
      "kept somewhere else (a development server replaces the checkpointer by one in memory)"
    );
  }
  return (
    (tables.length === 0 ? "there is no table" : "no table has grown") +
    ": conversations are kept somewhere else; where that is meant, take ${database} out of env"
  );
}

function rowsOf(tables: readonly TableSize[], name: string): number {
  return tables.find(({ table }) => table === name)?.rows ?? 0;
}

/** The tools that the model asks for are run, and act through the wire. */
export function toolsWire(evidence: Evidence): Finding {
  const { target } = evidence;
  if (target.tools.length === 0) {
    return open("no tools are declared: name those that act through ${tools} in tools");
  }
  if (!has(evidence, "tools")) return open(notGiven(target, "tools", "TOOLS_URL", ""));
  const [attempt] = turnsOf(evidence, threads.tools);
  if (attempt === undefined) return broken("no turn with tools was said");
  const asked = attempt.answers.flatMap(({ tools }) => tools);
  const missing = target.tools.find((tool) => !asked.includes(tool));
  const next = target.tools.find((tool) => attempt.tools.every((call) => call.tool !== tool));
  if (next !== undefined && asked.includes(next)) {
    return broken(
      `${next} was asked for, but nothing came to \${tools}/${next}: what does it call?`,
    );
  }
  if (missing !== undefined) {
    return broken(`${missing} could not be asked for: the service does not offer it to its model`);
  }
  const foreign = attempt.tools.find(({ turn }) => turn !== attempt.begin.turn);
  if (foreign !== undefined) {
    return broken(`${foreign.tool} was called without the arguments that the model had given`);
  }
  const keyed = attempt.tools.every(({ key }) => key !== null);
  const key = keyed ? "with an idempotency key" : "without an idempotency-key header";
  return works(`${inWords(target.tools)} came to the ledger, ${key}`);
}

function has({ history }: Evidence, what: Capability): boolean {
  return history.header.capabilities.includes(what);
}

function notGiven(target: Target, wire: string, variable: string, path: string): string {
  return target.kind === "command"
    ? `the service is not given it: add env: { ${variable}: "\${${wire}}${path}" }, or as it calls it`
    : `it is not ours: the service is deployed already`;
}
