import { type ExperimentName, experimentNames } from "../history/experiment.ts";
import { entriesOf, type History } from "../history/history.ts";
import { experimentsThatTell } from "./continuity/diagnose.ts";
import { judgedThreads } from "./continuity/judged-threads.ts";
import { remembersEverything } from "./remembers-everything.ts";
import { attemptsOf } from "./turns.ts";

/** Whether each experiment changes anything in this run. */
const changes: Readonly<Record<ExperimentName, (history: History) => boolean>> = {
  "one replica": ({ header }) => header.replicas.length > 1,
  "without the fault": (history) =>
    entriesOf(history, "fault.begin").some(({ stops }) => stops !== "call"),
  "one turn at a time": overlapped,
};

/** The experiments that tell something about a violated run, by the checkers that it violates. */
export function experimentsFor(history: History, violated: readonly string[]): ExperimentName[] {
  const wanted = new Set<ExperimentName>();
  if (violated.includes(remembersEverything.name)) {
    const { operations, broken } = judgedThreads(history);
    for (const name of experimentsThatTell(history, operations, broken)) wanted.add(name);
  }
  if (violated.some((name) => name !== remembersEverything.name && !direct.includes(name))) {
    for (const name of experimentNames) wanted.add(name);
  }
  return [...wanted].filter((name) => changes[name](history));
}

/** What these find names its own cause. */
const direct: readonly string[] = [
  "boots-together",
  "channels-agree",
  "drains",
  "growth-is-bounded",
  "known-everywhere",
  "ready-means-serving",
  "refuses-before-anything-runs",
  "saves-in-database",
];

/** Two turns of the workload were under way at the same time. */
function overlapped(history: History): boolean {
  const attempts = attemptsOf(history)
    .filter(({ begin }) => begin.purpose === "workload")
    .toSorted((one, other) => one.begin.seq - other.begin.seq);
  return attempts.some(({ begin }, place) => {
    const before = attempts[place - 1];
    return before !== undefined && (before.end?.seq ?? Infinity) > begin.seq;
  });
}
