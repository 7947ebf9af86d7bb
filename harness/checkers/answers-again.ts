import type { EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Figure, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { andMore, faultsBetween, finding, inWords, outagesIn, verdictOf } from "./findings.ts";
import type { Life } from "./lives.ts";
import { exitInWords, livesOf } from "./lives.ts";
import { malformedFindings } from "./malformed-transcripts.ts";
import { recoveriesOf, type ThreadRecovery, untilRestart, worstRecovery } from "./recovery.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, entriesIn, outcomeInWords, servedBy } from "./turns.ts";

/**
 * After the heal every thread of the workload answers again within the promised time, and no
 * process ended by itself. The engine's last turns show it. A scenario about booting, or one whose
 * every turn must be refused, has no thread to judge.
 */
export const answersAgain: Checker = { name: "answers-again", needs: [], judge, measure };

function judge(history: History): Verdict {
  const attempts = attemptsOf(history);
  const dead = unaskedDeaths(history);
  const died = processDied(history, dead);
  const threads = threadsOf(history, attempts);
  if (boots(history) || threads.size === 0) return verdictOf(died, { kind: "holds", checked: 0 });

  const final = entriesOf(history, "phase").find(({ phase }) => phase === "final");
  if (final === undefined) {
    const because = "the run never reached its final phase, in which every thread is asked again";
    return verdictOf(died, { kind: "inconclusive", because });
  }
  const recoveries = recoveriesOf(history);
  const { recoveryMs } = history.header.promises;
  // Measured between begins of attempts: how long the answer itself takes also depends on how busy
  // the machine is, and does not make a thread stuck.
  const silent = recoveries.filter(
    ({ thread, afterMs }) => threads.has(thread) && (afterMs ?? Infinity) > recoveryMs,
  );
  // One cause, one kind: a dead process, or a transcript that no provider accepts, explains
  // silence.
  const unexplained = silent.filter(
    ({ asked }) => asked.length === 0 || !asked.every((attempt) => hitDead(attempt, dead)),
  );
  const refused = refusedByTheModel(
    history,
    unexplained.flatMap(({ asked }) => asked),
  );
  const refusedTurns = new Set(refused.map(({ turn }) => turn));
  const stuck = unexplained.filter(({ asked }) =>
    asked.every(({ begin }) => !refusedTurns.has(begin.turn)),
  );
  const findings = [
    ...died,
    ...malformedFindings(history, refused),
    ...neverReadyAgain(history),
    ...stuckThreads(history, stuck, final),
  ];
  const asked = new Set(recoveries.map(({ thread }) => thread));
  const neverAsked = [...threads].filter((thread) => !asked.has(thread));
  if (neverAsked.length === 0) return verdictOf(findings, { kind: "holds", checked: threads.size });
  const because = `no last turn was said on ${inWords(neverAsked)} after everything was healed`;
  return verdictOf(findings, { kind: "inconclusive", because });
}

/** How long the slowest thread took, if each came back by itself. */
function measure(history: History): Figure[] {
  const afterMs = worstRecovery(history)?.afterMs ?? null;
  if (afterMs === null) return [];
  const allowed = history.header.promises.recoveryMs;
  return [{ name: "recoveryMs", measured: Math.round(afterMs), allowed }];
}

function boots(history: History): boolean {
  return entriesOf(history, "replica.start").some(({ boot }) => boot > 0);
}

/** The threads of the workload with a valid id that were not deleted. */
function threadsOf(history: History, attempts: readonly Attempt[]): Set<string> {
  const threads = new Set(
    attempts
      .filter(({ begin }) => begin.purpose === "workload" && begin.sound)
      .map(({ begin }) => begin.thread),
  );
  for (const { thread, ok } of entriesOf(history, "thread.deleted")) if (ok) threads.delete(thread);
  return threads;
}

/** A life whose process ended by itself. */
type Death = Life & { readonly exit: EntryOf<"replica.exit"> };

/**
 * Processes that ended by themselves after they had been ready, in this life or, after a restart,
 * in an earlier one. A replica that was never ready failed to boot, which another checker judges.
 * And a process that starts while its database is away may end: its supervisor starts it again.
 */
function unaskedDeaths(history: History): Death[] {
  const severalBoots = boots(history);
  const outages = outagesIn(history, "saves");
  const served = new Set<string>();
  return livesOf(history).flatMap((life) => {
    const { replica, start, ready, exit } = life;
    const startSeq = start?.seq ?? 0;
    const inVain = outages.some(({ begin, until }) => begin.seq < startSeq && startSeq < until);
    const before = served.has(replica) && !severalBoots && !inVain;
    if (ready !== null) served.add(replica);
    if (exit === null || exit.asked || (ready === null && !before)) return [];
    return [{ ...life, exit }];
  });
}

/** It went to a replica that had ended by itself and had not been started again. */
function hitDead(attempt: Attempt, dead: readonly Death[]): boolean {
  const replica = servedBy(attempt);
  const doneSeq = attempt.end?.seq ?? Infinity;
  return dead.some(
    (life) =>
      (replica === null || replica === life.replica) &&
      life.exit.seq < doneSeq &&
      attempt.begin.seq < life.until,
  );
}

function processDied(history: History, dead: readonly Death[]): Finding[] {
  const first = dead[0];
  if (first === undefined) return [];
  const lines = dead.flatMap(({ exit }) => exit.lastLines);
  const ofDatabase =
    /\bpg\b|pg-pool|postgres|57P0\d|connection terminated|terminating connection|ECONNRESET/i;
  const word = first.exit.lastLines.findLast((line) => line.trim() !== "") ?? "it printed nothing";
  const how = exitInWords(first.exit);
  const because =
    `replica ${first.replica} ended unasked, ${how}: ${word}` + andMore(dead, "deaths");
  return [
    finding("process-died", {
      because,
      evidence: dead.map(({ exit }) => exit),
      remedy: lines.some((line) => ofDatabase.test(line)) ? "database error" : "other error",
      faults: faultsBetween(history, first.start?.seq ?? 0, first.exit.seq),
    }),
  ];
}

/**
 * A replica that was started again and did not become ready: all threads that it serves are stuck.
 * One that ended by itself is a dead process instead.
 */
function neverReadyAgain(history: History): Finding[] {
  const down = livesOf(untilRestart(history)).filter(
    ({ until, ready, exit }) => until === Infinity && ready === null && exit?.asked !== false,
  );
  const unready = down.flatMap((life) => life.unready ?? []);
  const first = unready[0];
  if (first === undefined) return [];
  const because =
    `replica ${inWords(unready.map(({ replica }) => replica))} did not become ready again ` +
    `after everything was healed: ${first.why || "it gave no reason"}`;
  return [finding("stuck-thread", { because, evidence: unready, remedy: "not ready" })];
}

function refusedByTheModel(
  history: History,
  attempts: readonly Attempt[],
): EntryOf<"model.call">[] {
  const turns = new Set(attempts.map(({ begin }) => begin.turn));
  return entriesOf(history, "model.call").filter(
    ({ turn, malformed }) => malformed !== null && turn !== null && turns.has(turn),
  );
}

function stuckThreads(
  history: History,
  stuck: readonly ThreadRecovery[],
  final: EntryOf<"phase">,
): Finding[] {
  const [first] = stuck;
  if (first === undefined) return [];
  const last = first.asked.at(-1);
  const { recoveryMs } = history.header.promises;
  const outcome =
    last === undefined
      ? "no replica was ready to be asked"
      : `its last turn on ${servedBy(last) ?? "any replica"}: ${outcomeAfter(last, final)}`;
  const because =
    `thread ${first.thread} did not answer within ${recoveryMs} ms after everything was ` +
    `healed; ${outcome}${andMore(stuck, "threads")}; ${recoveryInWords(first)}`;
  const evidence = stuck
    .flatMap(({ asked, askedAgain }) => [...asked, ...askedAgain])
    .flatMap(entriesIn);
  const faults = faultsBetween(history, 0, final.seq);
  return [finding("stuck-thread", { because, evidence, remedy: "not answered", faults })];
}

function outcomeAfter(last: Attempt, final: EntryOf<"phase">): string {
  const afterMs = last.end === null ? null : Math.round(last.end.at - final.at);
  return outcomeInWords(last) + (afterMs === null ? "" : ` after ${afterMs} ms`);
}

/** "it came back by itself after 4100 ms", "it needs a restart", "it never answered again". */
function recoveryInWords({ how, afterMs, asked, askedAgain }: ThreadRecovery): string {
  if (how === "by itself") return `it came back by itself after ${Math.round(afterMs ?? 0)} ms`;
  if (how === "needs a restart") {
    return "it needs a restart: it answered once all replicas had been started again";
  }
  const ms = Math.round((asked.at(-1)?.end?.at ?? 0) - (asked[0]?.begin.at ?? 0));
  const restarted = askedAgain.length > 0 ? ", nor after a restart of all replicas" : "";
  return `it never answered again, in ${ms} ms of asking${restarted}`;
}
