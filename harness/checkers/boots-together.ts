import type { History } from "../history/history.ts";
import type { Checker, Verdict } from "./verdict.ts";
import type { Finding } from "./findings.ts";
import { finding, inWords, verdictOf } from "./findings.ts";
import type { Life } from "./lives.ts";
import { exitInWords, livesOf } from "./lives.ts";

/**
 * Replicas that start together on an empty database all become ready, and none ends. setup() uses
 * neither a lock nor a transaction: of two replicas at least one failed in 50 of 50 measured boots.
 */
export const bootsTogether: Checker = { name: "boots-together", needs: ["boot"], judge };

/** How Postgres reports a race between two setups: by code, by index, or in words. */
const raceWords = new RegExp(
  [
    "23505|42710|42P07|40P01",
    "pg_type_typname_nsp_index|checkpoint_migrations_pkey",
    "duplicate key|already exists|tuple concurrently updated",
  ].join("|"),
);

interface Boot {
  readonly number: number;
  readonly lives: readonly Life[];
  readonly failed: readonly Life[];
  readonly raced: boolean;
}

function judge(history: History): Verdict {
  const boots = bootsOf(history);
  const failed = boots.filter((boot) => boot.failed.length > 0);
  const raced = failed.filter((boot) => boot.raced);
  const others = failed.filter((boot) => !boot.raced);
  const findings = [...setupRace(boots, raced), ...failedBoot(boots, others)];
  return verdictOf(findings, withoutFindings(history, boots));
}

function withoutFindings(history: History, boots: readonly Boot[]): Verdict {
  if (boots.length === 0) return { kind: "inconclusive", because: "no replica was started" };
  const alone = boots.every(({ lives }) => new Set(lives.map((l) => l.replica)).size < 2);
  if (alone && history.header.experiment === null) {
    return { kind: "inconclusive", because: "no two replicas were started in the same boot" };
  }
  const open = boots.flatMap(({ number, lives }) =>
    lives.filter(undecided).map(({ replica }) => `${replica} in boot ${number}`),
  );
  if (open.length > 0) {
    const because = `it is not known whether these became ready: ${inWords(open)}`;
    return { kind: "inconclusive", because };
  }
  return { kind: "holds", checked: boots.length };
}

function bootsOf(history: History): Boot[] {
  const started = livesOf(history).filter(({ start }) => start !== null);
  return [...Map.groupBy(started, ({ start }) => start?.boot ?? 0)].map(([number, lives]) => {
    const failed = lives.filter(({ unready, exit }) => unready !== null || exit?.asked === false);
    // One error of a race explains the boot: the other replicas may only see a lost connection.
    const raced = failed.some((life) => raceWords.test(wordsOf(life).join("\n")));
    return { number, lives, failed, raced };
  });
}

/** Neither ready nor failed, for instance because the harness stopped it before. */
function undecided({ ready, unready, exit }: Life): boolean {
  return ready === null && unready === null && exit?.asked !== false;
}

function setupRace(boots: readonly Boot[], raced: readonly Boot[]): Finding[] {
  if (raced.length === 0) return [];
  const because = failuresInWords(boots, raced);
  return [finding("setup-race", { because, evidence: evidenceOf(raced) })];
}

function failedBoot(boots: readonly Boot[], failed: readonly Boot[]): Finding[] {
  if (failed.length === 0) return [];
  const because = failuresInWords(boots, failed);
  return [finding("failed-boot", { because, evidence: evidenceOf(failed) })];
}

function failuresInWords(boots: readonly Boot[], failed: readonly Boot[]): string {
  const example = failed.find(({ raced }) => raced) ?? failed[0];
  const lives = example?.failed ?? [];
  const life = lives.find((one) => raceWords.test(wordsOf(one).join("\n"))) ?? lives[0];
  if (example === undefined || life === undefined) return "no boot failed";
  const words = wordsOf(life);
  const word = words.find((line) => raceWords.test(line)) ?? words.at(-1) ?? "it printed nothing";
  const end = life.exit === null ? "did not become ready" : `ended with ${exitInWords(life.exit)}`;
  return (
    `${failed.length} of ${boots.length} boots failed; in boot ${example.number} replica ` +
    `${life.replica} ${end}: ${word}`
  );
}

function wordsOf({ unready, exit }: Life): string[] {
  const words = [...(exit?.lastLines ?? []), ...(unready === null ? [] : [unready.why])];
  return words.filter((line) => line.trim() !== "");
}

function evidenceOf(boots: readonly Boot[]) {
  return boots.flatMap(({ failed }) =>
    failed.flatMap(({ start, unready, exit }) =>
      [start, unready, exit].filter((entry) => entry !== null),
    ),
  );
}
