/** All causes of a broken thread: of two that explain equally many facts the first one is named. */
import type { Hypothesis } from "./hypothesis.ts";
import {
  noMemory,
  notShownToModel,
  reordered,
  replyNotKept,
  startsAnew,
  trimmedHistory,
} from "./hypotheses/keeping.ts";
import { lostTurn, staleRead, stateDeleted, storeLost } from "./hypotheses/loss.ts";
import { crossedRequests, crossThreadLeak } from "./hypotheses/mixed-up-threads.ts";
import { lostUpdate, orderedByClock, zombieWrite } from "./hypotheses/overlap.ts";
import { amnesia, memoryFallback, splitBrain, staleCopy } from "./hypotheses/process-memory.ts";
import {
  duplicatedResend,
  duplicatedTurn,
  refusedTurnKept,
  savedTwice,
  tornTurn,
} from "./hypotheses/repeated-turns.ts";

export const hypotheses: readonly Hypothesis[] = [
  crossedRequests,
  crossThreadLeak,
  noMemory,
  startsAnew,
  replyNotKept,
  trimmedHistory,
  notShownToModel,
  storeLost,
  memoryFallback,
  zombieWrite,
  orderedByClock,
  amnesia,
  splitBrain,
  lostUpdate,
  stateDeleted,
  staleCopy,
  staleRead,
  lostTurn,
  duplicatedTurn,
  duplicatedResend,
  savedTwice,
  refusedTurnKept,
  tornTurn,
  reordered,
];
