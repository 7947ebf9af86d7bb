import { inWords } from "../../checkers/findings.ts";
import { entriesOf, type TableSize } from "../../history/history.ts";
import type { Capability } from "../../history/capability.ts";
import type { Target } from "../../config/configuration.ts";
import { answered, turnsOf, type Evidence, ownCalls, threads } from "./observed.ts";
import { broken, type Finding, open, works } from "./finding.ts";

/** The turns of each replica call the model through the wire of this replica. */
export function modelWire(evidence: Evidence): Finding {
  const { target, history } = evidence;
  if (!has(evidence, "model")) return open(notGiven(target, "model", "OPENAI_BASE_URL", "/v1"));
  const turns = answered(evidence);
  const calls = entriesOf(history, "model.call");
  if (turns.length === 0) return broken("no replica answered a turn, so none called the model");
  const lost = turns.filter((it) => ownCalls(it).length === 0);
  const without = [...new Set(lost.flatMap(({ end }) => end?.replica ?? []))];
  const silent = without.filter((name) => calls.every(({ replica }) => replica !== name));
  if (silent.length > 0) {
    return broken(
      `${inWords(silent)} answered without calling it: set the model base URL of the service to ` +
        "${model}, plus the path that its client expects",
    );
  }
  if (lost.length > 0) {
    return broken(
      "called, but no call contains the user's message: check that the service sends it unchanged",
    );
  }
  const elsewhere = turns.find(({ begin, calls: own }) =>
    own.some(
      ({ turn, replica }) => turn === begin.turn && begin.on !== null && replica !== begin.on,
    ),
  );
  const note =
    elsewhere === undefined ? "" : "; a replica may run a turn that another one received";
  const callers = new Set(turns.flatMap(ownCalls).map(({ replica }) => replica));
  const known = history.header.replicas.filter((name) => callers.has(name));
  return known.length === 0
    ? works("called, by an unknown replica")
    : works(`called by ${inWords(known)}${note}`);
}

/** Each replica connects to the database through its own wire. */
export function databaseWire(evidence: Evidence): Finding {
  const { target, connections } = evidence;
  if (!has(evidence, "database")) return open(notGiven(target, "database", "DATABASE_URL", ""));
  const all = Object.entries(connections);
  const silent = all.flatMap(([name, count]) => (count === 0 ? [name] : []));
  if (silent.length > 0) {
    return broken(
      `${inWords(silent)} did not connect to it: set the database URL of the service to ` +
        "${database}",
    );
  }
  const counts = all.flatMap(([name, count]) => (count === null ? [] : [`${count} by ${name}`]));
  if (counts.length === 0) return open("this kind of wire does not count connections per replica");
  return works(`connections: ${inWords(counts)}`);
}

/** The turns left rows in the database. */
export function storage(evidence: Evidence): Finding {
  if (!has(evidence, "survey"))
    return open("threadproof has no access to a database of the service");
  const surveys = entriesOf(evidence.history, "survey");
  const [before, after] = [surveys[0], surveys.at(-1)];
  if (before === undefined || after === undefined || surveys.length < 2) {
    return broken("the tables were not measured");
  }
  const grown = after.tables.filter((table) => table.rows > rowsOf(before.tables, table.table));
  if (grown.length === 0) return broken(nothingSaved(after.tables));
  const ofThread = (after.ofThread ?? []).filter(({ rows }) => rows > 0);
  const rows = grown.map((it) => `${it.table} +${it.rows - rowsOf(before.tables, it.table)}`);
  const says = `rows after these turns: ${rows.join(", ")}`;
  return ofThread.length > 0
    ? works(says)
    : works(`${says}; no row contains the thread id, so growth is measured over all tables`);
}

function nothingSaved(tables: readonly TableSize[]): string {
  const saver = tables.find(({ table }) => /(^|\.)checkpoints$/.test(table));
  if (saver !== undefined && saver.rows === 0) {
    return (
      `the tables of PostgresSaver exist, but ${saver.table} has no rows: the service stores ` +
      "conversations elsewhere (a development server uses a checkpointer in memory instead)"
    );
  }
  return (
    (tables.length === 0 ? "the database has no table" : "no table has grown") +
    ": the service stores conversations elsewhere; if that is intended, remove ${database} from env"
  );
}

function rowsOf(tables: readonly TableSize[], name: string): number {
  return tables.find(({ table }) => table === name)?.rows ?? 0;
}

/** The service runs the tools that the model requests, and they act through the wire. */
export function toolsWire(evidence: Evidence): Finding {
  const { target } = evidence;
  if (target.tools.length === 0) {
    return open("not declared: list the tools that call ${tools} in tools");
  }
  if (!has(evidence, "tools")) return open(notGiven(target, "tools", "TOOLS_URL", ""));
  const [attempt] = turnsOf(evidence, threads.tools);
  if (attempt === undefined) return broken("no turn with tools was sent");
  const asked = attempt.answers.flatMap(({ tools }) => tools);
  const missing = target.tools.find((tool) => !asked.includes(tool));
  const next = target.tools.find((tool) => attempt.tools.every((call) => call.tool !== tool));
  if (next !== undefined && asked.includes(next)) {
    return broken(
      `the model requested ${next}, but \${tools}/${next} got no call: check the tool's URL`,
    );
  }
  if (missing !== undefined) {
    return broken(
      `the model cannot request ${missing}: the service does not offer it to its model`,
    );
  }
  const foreign = attempt.tools.find(({ turn }) => turn !== attempt.begin.turn);
  if (foreign !== undefined) {
    return broken(`the service called ${foreign.tool} without the arguments of the model`);
  }
  const keyed = attempt.tools.every(({ key }) => key !== null);
  const key = keyed ? "with an idempotency key" : "without an idempotency-key header";
  return works(`the tools wire received ${inWords(target.tools)}, ${key}`);
}

function has({ history }: Evidence, what: Capability): boolean {
  return history.header.capabilities.includes(what);
}

function notGiven(target: Target, wire: string, variable: string, path: string): string {
  return target.kind === "command"
    ? `the service does not get its URL: add env: { ${variable}: "\${${wire}}${path}" }, or a similar name`
    : `not ours: the service is already deployed`;
}
