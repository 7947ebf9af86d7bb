import type { NamedScenario } from "../../catalogue.ts";
import type { Capability } from "../../history.ts";
import type { Target } from "../../target/configuration.ts";
import type { Part, Told } from "./examination.ts";
import { inWords } from "./finding.ts";

/** What a run of the target would be. */
export interface Outlook {
  readonly capabilities: readonly Capability[];
  readonly runs: readonly string[];
  readonly notRun: readonly { readonly scenario: string; readonly reason: string }[];
}

interface Ways {
  readonly capabilities: readonly Capability[];
  /** Why the backend cannot run the target at all; null: it can. */
  readonly unfit: string | null;
}

/**
 * Which scenarios a run would play, and why not the others. One that rests on a part that is
 * broken would be played, and prove nothing.
 */
export function outlookOf(
  target: Target,
  { capabilities, unfit }: Ways,
  scenarios: readonly NamedScenario[],
  told: readonly Told[],
): Outlook {
  const verdicts = scenarios.map(({ name, definition: { needs } }) => ({
    scenario: name,
    reason:
      unfit ??
      declined(target, name) ??
      lackOf(target, needs, capabilities) ??
      brokenBelow(needs, told),
  }));
  return {
    capabilities,
    runs: verdicts.flatMap(({ scenario, reason }) => (reason === null ? [scenario] : [])),
    notRun: verdicts.flatMap(({ scenario, reason }) =>
      reason === null ? [] : [{ scenario, reason }],
    ),
  };
}

/** By the configuration itself. */
function declined({ only, skip }: Target, scenario: string): string | null {
  if (Object.hasOwn(skip, scenario)) return `skip says: ${skip[scenario]}`;
  return only === undefined || only.includes(scenario) ? null : "it is not among only";
}

function lackOf(
  target: Target,
  needs: readonly Capability[],
  has: readonly Capability[],
): string | null {
  const lacks = needs.filter((need) => !has.includes(need));
  if (lacks.length === 0) return null;
  const ways = [...new Set(lacks.map((it) => wayTo[target.kind][it]))];
  return `lacks ${inWords(lacks)}: ${ways.join("; ")}`;
}

function brokenBelow(needs: readonly Capability[], told: readonly Told[]): string | null {
  const broken = told.filter(({ finding }) => finding.state === "broken").map(({ part }) => part);
  const below = broken.find(
    (part) => rests[part] === "all" || rests[part].some((it) => needs.includes(it)),
  );
  return below === undefined ? null : `proves nothing before this is mended: ${below}`;
}

/** What rests on a part; "all": nothing can be judged without it. */
const rests: Readonly<Record<Part, readonly Capability[] | "all">> = {
  start: "all",
  "ready check": "all",
  turn: "all",
  threads: "all",
  read: ["state"],
  replicas: ["replicas"],
  "model wire": ["model", "model-hold"],
  "model calls": [],
  "side calls": [],
  prompt: [],
  "database wire": ["database", "database-restart"],
  storage: ["database", "database-restart"],
  "tools wire": ["tools"],
  "unknown thread": [],
  retry: ["retry"],
  delete: ["delete"],
  hooks: [],
};

const model = 'the base URL of its model must be ours: env: { OPENAI_BASE_URL: "${model}/v1" }';
const database = 'its database must be ours: env: { DATABASE_URL: "${database}" }';
const read = "say how a thread is read: read: { get, list }";
const deletes = "say how a thread is deleted: delete: { … }";
const retry = "say how a turn is repeated: retry";
const memory = "say how its memory is seen: read, or the base URL of its model";
const backend = "another --backend can";
const hooked = (hook: string): string => `say how it is done: hooks: { ${hook} }`;
const started = "it can only be done to a target of kind command";

/** What to add to the configuration. */
const wayTo: Readonly<Record<Target["kind"], Readonly<Record<Capability, string>>>> = {
  command: {
    replicas: backend,
    kill: backend,
    terminate: backend,
    pause: backend,
    isolate: backend,
    boot: backend,
    memory,
    model,
    "model-hold": model,
    tools: "tools must act through ours: tools: [names], and their base URL in env as ${tools}",
    state: read,
    delete: deletes,
    database,
    "database-restart": `${database}, without --database-url`,
    retry,
  },
  url: {
    replicas: "give an address for each: address: { a: …, b: … }, or pin",
    kill: hooked("kill, start"),
    terminate: hooked("redeploy"),
    pause: hooked("pause, resume"),
    isolate: backend,
    boot: started,
    memory,
    model: "let the service call ours: wires: { model: PORT }",
    "model-hold": "let the service call ours: wires: { model: PORT }",
    tools: "let its tools act through ours: wires: { tools: PORT }, and tools: [names]",
    state: read,
    delete: deletes,
    database: "let us look at it: database: { url, test: true }",
    "database-restart": hooked("cutDatabase, healDatabase"),
    retry,
  },
};
