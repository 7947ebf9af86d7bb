import { WrongSetting } from "../settings.ts";
import apologises from "./apologises.ts";
import asyncDurability from "./async-durability.ts";
import bareModel from "./bare-model.ts";
import barePool from "./bare-pool.ts";
import exitDurability from "./exit-durability.ts";
import failOpen from "./fail-open.ts";
import headersTimeout from "./headers-timeout.ts";
import ignoresRequestId from "./ignores-request-id.ts";
import keepsPartialReplies from "./keeps-partial-replies.ts";
import leaseLock from "./lease-lock.ts";
import memorySaver from "./memory-saver.ts";
import type { Mistake } from "./mistake.ts";
import neverResumes from "./never-resumes.ts";
import noCleanup from "./no-cleanup.ts";
import noClockCheck from "./no-clock-check.ts";
import noDrain from "./no-drain.ts";
import noLock from "./no-lock.ts";
import noSetup from "./no-setup.ts";
import notIdempotent from "./not-idempotent.ts";
import oneThreadForAll from "./one-thread-for-all.ts";
import optionalThreadId from "./optional-thread-id.ts";
import replyBeforeSaving from "./reply-before-saving.ts";
import requestIdsInMemory from "./request-ids-in-memory.ts";
import setupAtBoot from "./setup-at-boot.ts";
import swallowsSaveErrors from "./swallows-save-errors.ts";
import tiedToSocket from "./tied-to-socket.ts";

// A map and not import(name), because a bundle contains only static imports.
const mistakes = new Map<string, Mistake>([
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

/** Throws a WrongSetting if there is no such mistake. */
export function mistakeNamed(name = ""): Mistake {
  const mistake = mistakes.get(name);
  if (mistake !== undefined) return mistake;
  throw new WrongSetting(
    `MISTAKE must be one of ${[...mistakes.keys()].join(", ")}; it is "${name}".`,
  );
}
