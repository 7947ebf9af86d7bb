import { inWords } from "../../checkers/findings.ts";
import type { NamedScenario } from "../../engine/load.ts";
import type { Backend } from "../../deployment/backend.ts";
import type { Capability } from "../../history/capability.ts";
import { skippedBy } from "../../engine/plan.ts";
import type { Target } from "../../config/configuration.ts";
import type { Part, Told } from "./examination.ts";

/** What a run of the target would be. */
export interface Outlook {
  readonly capabilities: readonly Capability[];
  readonly runs: readonly string[];
  readonly notRun: readonly { readonly scenario: string; readonly reason: string }[];
}

/**
 * Which scenarios a run would play, and why not the others. One that rests on a part that is
 * broken would be played, and prove nothing.
 */
export function outlookOf(
  target: Target,
  backend: Pick<Backend, "unfit" | "capabilities" | "remedy">,
  scenarios: readonly NamedScenario[],
  told: readonly Told[],
): Outlook {
  const unfit = backend.unfit(target);
  const capabilities = unfit === null ? backend.capabilities(target) : [];
  const verdicts = scenarios.map(({ name, definition: { needs } }) => ({
    scenario: name,
    reason:
      unfit ??
      skippedBy(target, name) ??
      lackOf(
        needs.filter((it) => !capabilities.includes(it)),
        (it) => backend.remedy(target, it),
      ) ??
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

function lackOf(
  lacks: readonly Capability[],
  remedyOf: (lacked: Capability) => string | null,
): string | null {
  if (lacks.length === 0) return null;
  const remedies = [...new Set(lacks.flatMap((it) => remedyOf(it) ?? []))];
  return [`lacks ${inWords(lacks)}`, ...remedies].join("; ");
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
  "second view": ["state"],
  replicas: ["replicas"],
  "model wire": ["model", "model-hold"],
  "model calls": [],
  "side calls": [],
  prompt: [],
  "database wire": ["database", "database-cut", "database-restart"],
  storage: ["survey"],
  "tools wire": ["tools"],
  resume: [],
  "unknown thread": [],
  retry: ["retry"],
  delete: ["delete"],
  hooks: [],
};
