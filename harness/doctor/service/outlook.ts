import { inWords } from "../../checkers/findings.ts";
import type { NamedScenario } from "../../engine/load.ts";
import type { Backend } from "../../deployment/backend.ts";
import type { Capability } from "../../history/capability.ts";
import { skippedBy } from "../../engine/plan.ts";
import type { Target } from "../../config/configuration.ts";
import type { Part, PartFinding } from "./examination.ts";

/** What a run of the target will do. */
export interface Outlook {
  readonly capabilities: readonly Capability[];
  readonly runs: readonly string[];
  readonly notRun: readonly { readonly scenario: string; readonly reason: string }[];
}

/**
 * The scenarios that a run plays, and the reason for each of the others. A scenario that depends on
 * a broken part counts as not run, because its verdict would prove nothing.
 */
export function outlookOf(
  target: Target,
  backend: Pick<Backend, "unfit" | "capabilities" | "remedy">,
  scenarios: readonly NamedScenario[],
  findings: readonly PartFinding[],
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
      brokenPart(needs, findings),
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

function brokenPart(needs: readonly Capability[], findings: readonly PartFinding[]): string | null {
  const broken = findings
    .filter(({ finding }) => finding.state === "broken")
    .map(({ part }) => part);
  const below = broken.find(
    (part) => dependents[part] === "all" || dependents[part].some((it) => needs.includes(it)),
  );
  return below === undefined ? null : `proves nothing until this works: ${below}`;
}

/** Capabilities that depend on a part; "all": every scenario depends on it. */
const dependents: Readonly<Record<Part, readonly Capability[] | "all">> = {
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
  "database wire": ["database", "database-cut", "database-refuse", "database-restart"],
  storage: ["survey"],
  "tools wire": ["tools"],
  resume: [],
  "unknown thread": [],
  retry: ["retry"],
  delete: ["delete"],
  hooks: [],
};
