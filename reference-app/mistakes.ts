import apologises from "./mistakes/apologises.ts";
import asyncDurability from "./mistakes/async-durability.ts";
import bareModel from "./mistakes/bare-model.ts";
import barePool from "./mistakes/bare-pool.ts";
import exitDurability from "./mistakes/exit-durability.ts";
import failOpen from "./mistakes/fail-open.ts";
import headersTimeout from "./mistakes/headers-timeout.ts";
import ignoresRequestId from "./mistakes/ignores-request-id.ts";
import keepsPartialReplies from "./mistakes/keeps-partial-replies.ts";
import leaseLock from "./mistakes/lease-lock.ts";
import memorySaver from "./mistakes/memory-saver.ts";
import neverResumes from "./mistakes/never-resumes.ts";
import noCleanup from "./mistakes/no-cleanup.ts";
import noClockCheck from "./mistakes/no-clock-check.ts";
import noDrain from "./mistakes/no-drain.ts";
import noLock from "./mistakes/no-lock.ts";
import noSetup from "./mistakes/no-setup.ts";
import notIdempotent from "./mistakes/not-idempotent.ts";
import oneThreadForAll from "./mistakes/one-thread-for-all.ts";
import optionalThreadId from "./mistakes/optional-thread-id.ts";
import replyBeforeSaving from "./mistakes/reply-before-saving.ts";
import requestIdsInMemory from "./mistakes/request-ids-in-memory.ts";
import setupAtBoot from "./mistakes/setup-at-boot.ts";
import swallowsSaveErrors from "./mistakes/swallows-save-errors.ts";
import tiedToSocket from "./mistakes/tied-to-socket.ts";
import type { Parts } from "./parts.ts";
import { WrongSetting } from "./settings.ts";

// A map and not import(name), because a bundle holds only what it sees imported.
const mistakes = new Map<string, (parts: Parts) => Parts>([
  ["apologises", apologises],
  ["async-durability", asyncDurability],
  ["bare-model", bareModel],
  ["bare-pool", barePool],
  ["exit-durability", exitDurability],
  ["fail-open", failOpen],
  ["headers-timeout", headersTimeout],
  ["ignores-request-id", ignoresRequestId],
  ["keeps-partial-replies", keepsPartialReplies],
  ["lease-lock", leaseLock],
  ["memory-saver", memorySaver],
  ["never-resumes", neverResumes],
  ["no-cleanup", noCleanup],
  ["no-clock-check", noClockCheck],
  ["no-drain", noDrain],
  ["no-lock", noLock],
  ["no-setup", noSetup],
  ["not-idempotent", notIdempotent],
  ["one-thread-for-all", oneThreadForAll],
  ["optional-thread-id", optionalThreadId],
  ["reply-before-saving", replyBeforeSaving],
  ["request-ids-in-memory", requestIdsInMemory],
  ["setup-at-boot", setupAtBoot],
  ["swallows-save-errors", swallowsSaveErrors],
  ["tied-to-socket", tiedToSocket],
]);

/** The parts with the named mistake in them, or as they are when none is named. */
export function withMistake(parts: Parts, name: string | undefined): Parts {
  if (name === undefined) return parts;
  const mistake = mistakes.get(name);
  if (mistake !== undefined) return mistake(parts);
  throw new WrongSetting(
    `MISTAKE names no mistake with "${name}"; there are ${[...mistakes.keys()].join(", ")}.`,
  );
}
