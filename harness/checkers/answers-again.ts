import type { EntryOf, History } from "../history/history.ts";
import { entriesOf } from "../history/history.ts";
import type { Checker, Figure, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { faultsBetween, inWords, outagesIn, verdictOf } from "./findings.ts";
import type { Life } from "./lives.ts";
import { exitInWords, livesOf } from "./lives.ts";
import { malformedFindings } from "./malformed-transcripts.ts";
import { recoveriesOf, type ThreadRecovery, untilRestart, worstRecovery } from "./recovery.ts";
import type { Attempt } from "./turns.ts";
import { attemptsOf, outcomeInWords, servedBy } from "./turns.ts";

/**
 * Once everything is healed, every thread of the workload answers again within the promised time,
 * and no process has died that nobody killed. Without the last turns liveness is never judged;
 * a scenario that is about booting, or whose every turn must be refused, has none to judge.
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
  // From when it was first asked to when it was asked for what it answered. How long the answer
  // then takes is also a matter of how busy the machine is, and no thread is stuck for that.
  const silent = recoveries.filter(
    ({ thread, afterMs }) => threads.has(thread) && (afterMs ?? Infinity) > recoveryMs,
  );
  // One cause, one kind: who asked a dead process, or sent what no provider takes, is explained.
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

/** How long the slowest thread took, where each came back by itself. */
function measure(history: History): Figure[] {
  const afterMs = worstRecovery(history)?.afterMs ?? null;
  if (afterMs === null) return [];
  const allowed = history.header.promises.recoveryMs;
  return [{ name: "recoveryMs", measured: Math.round(afterMs), allowed }];
}

function boots(history: History): boolean {
  return entriesOf(history, "replica.start").some(({ boot }) => boot > 0);
}

/** Threads that the workload used with a sound id, without those that were deleted. */
function threadsOf(history: History, attempts: readonly Attempt[]): Set<string> {
  const threads = new Set(
    attempts
      .filter(({ begin }) => begin.purpose === "workload" && begin.sound)
      .map(({ begin }) => begin.thread),
  );
  for (const { thread, ok } of entriesOf(history, "thread.deleted")) if (ok) threads.delete(thread);
  return threads;
}

/** A life that ended by itself. */
type Death = Life & { readonly exit: EntryOf<"replica.exit"> };

/**
 * Processes that ended unasked after they had been ready, in this life or, at a restart, in one
 * before. One that was never ready at all failed to boot: that is another checker's question. And
 * one that is started while its database is away may end: whoever started it does so again.
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

/** The replica that it went to had died by itself, and had not been started again. */
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
  const word = first.exit.lastLines.findLast((line) => line.trim() !== "") ?? "it said nothing";
  const how = exitInWords(first.exit);
  const more = dead.length === 1 ? "" : ` (and ${dead.length - 1} more deaths)`;
  const faults = faultsBetween(history, first.start?.seq ?? 0, first.exit.seq);
  return [
    {
      diagnosis: {
        kind: "process-died",
        because: `replica ${first.replica} ended unasked, ${how}: ${word}${more}`,
        remedy: lines.some((line) => ofDatabase.test(line))
          ? "Give the saver a pool of your own with pool.on('error', …) and pool.on('connect'," +
            " client => client.on('error', …)): fromConnString sets neither, and an error on an" +
            " idle or checked out connection ends the Node process"
          : "Let an error of one turn end that turn and not the process: handle 'error' events" +
            " and rejected promises where they arise",
        ...(faults.length === 0 ? {} : { faults }),
      },
      evidence: dead.map(({ exit }) => exit),
    },
  ];
}

/**
 * A replica that was started again and never became ready: whatever thread it serves is stuck. One
 * that ended by itself is found above.
 */
function neverReadyAgain(history: History): Finding[] {
  const down = livesOf(untilRestart(history)).filter(
    ({ until, ready, exit }) => until === Infinity && ready === null && exit?.asked !== false,
  );
  const unready = down.flatMap((life) => life.unready ?? []);
  const first = unready[0];
  if (first === undefined) return [];
  return [
    {
      diagnosis: {
        kind: "stuck-thread",
        because:
          `replica ${inWords(unready.map(({ replica }) => replica))} did not become ready again ` +
          `after everything was healed: ${first.why || "it gave no reason"}`,
        remedy:
          "Let readiness ask for what the next turn needs (the database, the schema) anew each" +
          " time, with time-outs, and remember no failure from before the heal",
      },
      evidence: unready,
    },
  ];
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
  const more = stuck.length === 1 ? "" : ` (and ${stuck.length - 1} more threads)`;
  const faults = faultsBetween(history, 0, final.seq);
  return [
    {
      diagnosis: {
        kind: "stuck-thread",
        because:
          `thread ${first.thread} did not answer within ${recoveryMs} ms after everything was ` +
          `healed; ${outcome}${more}; ${recoveryInWords(first)}`,
        remedy:
          "Let nothing that belongs to a dead turn outlive it (a lock held in a session that ends" +
          " with its holder, time-outs on pool, statements and model), and before a new message" +
          " finish an unfinished turn with invoke(null) if getState().tasks is not empty",
        ...(faults.length === 0 ? {} : { faults }),
      },
      evidence: stuck
        .flatMap(({ asked, askedAgain }) => [...asked, ...askedAgain])
        .flatMap(({ begin, end }) => (end === null ? [begin] : [begin, end])),
    },
  ];
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
