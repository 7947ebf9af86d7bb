/** The report of a fictional run: the fixture for the tests of all formats. */
import { holds, violated } from "../../harness/checkers/expectation.ts";
import type { Entry } from "../../harness/history/history.ts";
import type { Diagnosis } from "../../harness/checkers/verdict.ts";
import type { Result, RunReport } from "../../harness/report/result.ts";

/** The token of message or reply `n`. Its last four characters encode the number. */
function token(sort: "q" | "a", n: number): string {
  const mixed = Math.imul(n + 7, 0x9e37_79b1) >>> 0;
  const noise = mixed.toString(36).padStart(7, "0").slice(-4);
  return `tp${sort}-${noise}${(n * 2 + (sort === "a" ? 1 : 0)).toString(36).padStart(4, "0")}`;
}

/** The tokens of these turns: message and reply. */
function turns(...numbers: number[]): string[] {
  return numbers.flatMap((n) => [token("q", n), token("a", n)]);
}

const splitBrain: Diagnosis = {
  kind: "split-brain",
  because: `a and b were both up, and each keeps its own memory: b never showed ${token("q", 1)}.`,
  remedy:
    "Keep checkpoints in a database that all replicas share (PostgresSaver, not MemorySaver).",
  lists: [
    {
      label: `model call 1 of ${token("q", 11)}`,
      replica: "a",
      at: 871.4,
      tokens: turns(1, 3, 5, 7, 9),
    },
    {
      label: `model call 1 of ${token("q", 12)}`,
      replica: "b",
      at: 903.9,
      tokens: turns(2, 4, 6, 8, 10),
    },
  ],
};

const amnesia: Diagnosis = {
  kind: "amnesia",
  because: `After its restart, a began with an empty memory: ${token("q", 1)} to ${token("q", 3)} are gone.`,
  remedy: splitBrain.remedy,
  lists: [
    { label: `model call 1 of ${token("q", 4)}`, replica: "a", at: 402.1, tokens: turns(1, 2, 3) },
    { label: "last read through a", replica: "a", at: 1_310.6, tokens: turns(4) },
  ],
  faults: ["kill a", "start a"],
};

const setupRace: Diagnosis = {
  kind: "setup-race",
  because: "a and b created the tables at the same time, and b ended with a unique violation.",
  remedy: "Run setup() once as a deployment step, or at boot under an advisory lock.",
};

const lostUpdate: Diagnosis = {
  kind: "lost-update",
  because: `${token("q", 4)} was acknowledged by b and then overwritten by ${token("q", 5)} on a.`,
  remedy: "Let one turn per thread run at a time, with a lock in the database.",
  lists: [
    { label: `reply to ${token("q", 4)}`, replica: "b", at: 612, tokens: turns(1, 2, 3, 4) },
    { label: "last read through a", replica: "a", at: 1_204, tokens: turns(1, 2, 3, 5) },
  ],
};

const staleRead: Diagnosis = {
  kind: "stale-read",
  because: `b showed the thread without ${token("q", 14)}, which had been acknowledged.`,
  remedy: "Read threads from the primary database, not from a replica that lags.",
  lists: [
    { label: "read r3", replica: "a", at: 912, tokens: turns(...numbers(1, 14)) },
    { label: "read r4", replica: "b", at: 917, tokens: turns(...numbers(1, 13)) },
  ],
};

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const bootEntries: readonly Entry[] = [
  { seq: 3, at: 12.4, kind: "replica.start", replica: "a", pid: 4_711, boot: 4, changed: [] },
  { seq: 4, at: 12.9, kind: "replica.start", replica: "b", pid: 4_712, boot: 4, changed: [] },
  {
    seq: 9,
    at: 311.2,
    kind: "replica.exit",
    replica: "b",
    pid: 4_712,
    code: 1,
    signal: null,
    asked: false,
    lastLines: ['duplicate key value violates unique constraint "pg_type_typname_nsp_index"'],
  },
];

const claims: Readonly<Record<string, string>> = {
  "round-robin": "a conversation survives a change of replica",
  restart: "a conversation survives the death of its replica",
  "kill-mid-graph": "a turn that is killed mid-graph is finished on the other replica",
  "boot-race": "replicas that start together on an empty database all become ready",
  "double-text": "of turns sent at once, each acknowledged one is kept, once",
};

function kept(scenario: string, variant: string | null = null): Result {
  const service = variant === null ? "reference" : `reference/${variant}`;
  return {
    scenario,
    claim: claims[scenario] ?? scenario,
    target: "reference",
    variant,
    backend: "process",
    verdict: { kind: "holds", because: "20 turns and 22 reads agree" },
    checker: null,
    checkers: [
      { checker: "remembers-everything", kind: "holds", because: "20 turns and 22 reads agree" },
    ],
    expected: holds,
    asExpected: true,
    ladder: { kept: ["linearizable"], broken: null },
    diagnoses: [],
    experiments: [],
    evidence: [],
    durationMs: 812.4,
    seenThrough: ["model wire", "state"],
    recovery: { how: "by itself", afterMs: 0, withinMs: 2_000 },
    turns: { ok: 20, failed: 0, unknown: 0 },
    figures: [],
    faults: [],
    reproduce: `threadproof run ${scenario} --target reference --variant ${variant ?? "plain"} --seed 7`,
    run: `${scenario}/${service}`,
  };
}

function broken(
  scenario: string,
  variant: string | null,
  checker: string,
  first: Diagnosis,
  ...others: Diagnosis[]
): Result {
  const diagnoses = [first, ...others];
  return {
    ...kept(scenario, variant),
    verdict: { kind: "violated", because: first.because },
    checker,
    checkers: [{ checker, kind: "violated", because: first.because }],
    expected: violated(
      checker,
      diagnoses.map((diagnosis) => diagnosis.kind),
    ),
    ladder: null,
    diagnoses,
    durationMs: 1_410.2,
    turns: { ok: 18, failed: 0, unknown: 2 },
  };
}

const remembers = "remembers-everything";

const results: readonly Result[] = [
  ...Object.keys(claims).map((scenario) => kept(scenario)),
  {
    ...broken("round-robin", "memory-saver", remembers, splitBrain),
    ladder: {
      kept: ["no-lost-turns"],
      broken: { level: "one-history", seq: 88, because: splitBrain.because },
    },
    experiments: [{ name: "one replica", outcome: "holds", again: false }],
  },
  {
    ...broken("restart", "memory-saver", remembers, amnesia),
    ladder: {
      kept: ["integrity"],
      broken: { level: "no-lost-turns", seq: 41, because: amnesia.because },
    },
    experiments: [{ name: "one replica", outcome: "violated", again: true }],
    faults: [{ name: "kill a", bite: { bit: true, what: "pid 4711 died with nothing in flight" } }],
  },
  broken("kill-mid-graph", "memory-saver", remembers, splitBrain, amnesia),
  {
    ...broken("boot-race", "setup-at-boot", "all-become-ready", setupRace),
    evidence: bootEntries,
    turns: { ok: 0, failed: 0, unknown: 0 },
  },
  {
    ...broken("double-text", "no-lock", remembers, lostUpdate),
    ladder: {
      kept: ["integrity"],
      broken: { level: "no-lost-turns", seq: 52, because: lostUpdate.because },
    },
  },
];

const undecided: Result = {
  ...kept("kill-mid-graph", "bare-pool"),
  verdict: { kind: "inconclusive", because: "kill a had no effect: the turn was over before it" },
  checker: "faults-bit",
  checkers: [{ checker: "faults-bit", kind: "inconclusive", because: "kill a had no effect" }],
  expected: violated(remembers, ["torn-turn"]),
  asExpected: false,
  ladder: null,
  faults: [{ name: "kill a", bite: { bit: false, what: "no request was in flight on a" } }],
};

const surprise: Result = {
  ...broken("round-robin", "bare-pool", remembers, staleRead),
  expected: holds,
  asExpected: false,
  ladder: {
    kept: ["one-history"],
    broken: { level: "monotonic-reads", seq: 97, because: staleRead.because },
  },
  experiments: [{ name: "one replica", outcome: "inconclusive", again: false }],
};

const base: Omit<RunReport, "results"> = {
  schemaVersion: 2,
  startedAt: "2026-11-22T20:17:27.000Z",
  durationMs: 31_234.5,
  seed: 7,
  command: "threadproof run",
  commit: "950b4e1",
  versions: { node: "24.21.0", postgres: "17.10", "@langchain/langgraph": "1.7.3" },
  notRun: [
    {
      scenario: "restart",
      claim: "a conversation survives the death of its replica",
      target: "reference",
      variant: "no-setup",
      reason: 'the target lacks "state": declare read, which reads a thread',
    },
    {
      scenario: "boot-race",
      claim: "replicas that start together on an empty database all become ready",
      target: "reference",
      variant: null,
      checker: "growth",
      reason: 'the target lacks "delete": declare delete, which deletes a thread',
    },
  ],
  stale: [],
};

/** All results are as expected. */
export const sample: RunReport = { ...base, results };

/** The same report with a surprise and an inconclusive result. */
export const surprising: RunReport = { ...base, results: [...results, undecided, surprise] };
