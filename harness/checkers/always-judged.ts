import { acceptedIsAnswered } from "./accepted-is-answered.ts";
import { answersAgain } from "./answers-again.ts";
import { answersUndisturbed } from "./answers-undisturbed.ts";
import { faultsBit } from "./faults-bit.ts";
import { repliesAreOwn } from "./replies-are-own.ts";
import { runsOnce } from "./runs-once.ts";
import { savesInDatabase } from "./saves-in-database.ts";
import type { Checker } from "./verdict.ts";

/** These judge every scenario, after the checkers that the scenario names. */
export const alwaysJudged: readonly Checker[] = [
  answersAgain,
  answersUndisturbed,
  acceptedIsAnswered,
  repliesAreOwn,
  runsOnce,
  savesInDatabase,
  faultsBit,
];
