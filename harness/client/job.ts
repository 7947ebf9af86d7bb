import { setTimeout as delay } from "node:timers/promises";
import { select } from "../config/json-path.ts";
import type { JobReply } from "../config/reply-rules.ts";
import { random } from "../history/random.ts";
import { describeResponse } from "./describe-response.ts";
import type { Names } from "./filled-request.ts";
import type { HttpClient, HttpResponse, Via } from "./http-client.ts";
import { interpret, isSuccess, type Meaning, replyAt, type ReplyRules } from "./interpret.ts";
import { jsonIn } from "./stream-reader.ts";

/** How a job ended, and the response that reported it. */
export interface JobEnd {
  readonly meaning: Meaning;
  readonly response: HttpResponse | null;
  /** Replicas that answered that there is no such job. */
  readonly deniedBy: readonly string[];
}

const absent: readonly (number | null)[] = [404, 410];

/**
 * Polls a job until it ends, or until the turn's time is up. Any replica may answer a poll: a
 * client does not know which one it reaches. A poll that fails is repeated, because it changes
 * nothing.
 */
export async function jobEnd(
  client: HttpClient,
  job: JobReply,
  given: { names: Names; via: Via; rules: ReplyRules },
): Promise<JobEnd> {
  const { names, rules } = given;
  const request = job.join ?? job.poll;
  if (request === undefined) return { meaning: { kind: "accepted" }, response: null, deniedBy: [] };
  const denying = new Set<string>();
  const pauseMs = pauses(job.everyMs, String(names["turn"]));
  const { hangUp, timeoutMs } = given.via;
  const deadline = performance.now() + timeoutMs;
  let last: string | null = null;
  for (;;) {
    const leftMs = Math.max(1, deadline - performance.now());
    const via = { on: null, timeoutMs: leftMs, hangUp };
    const response = await client.send({ request, names, ...via });
    if (hangUp?.aborted === true) {
      if (job.cancel !== undefined) {
        await client.send({ request: job.cancel, names, ...via, hangUp: null });
      }
      return { meaning: interpret(response, rules), response: null, deniedBy: [...denying] };
    }
    const isComplete = response.delivery === "complete";
    if (isComplete && response.served !== null && absent.includes(response.status)) {
      denying.add(response.served);
    }
    const meaning = isComplete ? endIn(response, job, rules) : null;
    if (meaning !== null) return { meaning, response, deniedBy: [...denying] };
    if (isComplete) last = describeResponse(response);
    else last ??= response.why;
    if (performance.now() + job.everyMs > deadline) break;
    await delay(pauseMs());
  }
  const why = `the job was not over after ${Math.round(timeoutMs)} ms: ${last}`;
  return { meaning: { kind: "unknown", why }, response: null, deniedBy: [...denying] };
}

/**
 * Pauses between two polls, in milliseconds: random, up to twice `everyMs`. With equal pauses and
 * a round robin, two clients would each always reach the same replica. The seed is the turn's
 * request id.
 */
export function pauses(everyMs: number, turn: string): () => number {
  const { next } = random(0).fork(turn);
  return () => 2 * everyMs * next();
}

/** Null: the job is not over yet, or the replica does not know it. */
function endIn(response: HttpResponse, job: JobReply, rules: ReplyRules): Meaning | null {
  // Declared meanings, such as an error inside 200 or an interrupt, apply to polls as well.
  const declared = interpret(response, { ...rules, reply: { kind: "state" } });
  if (declared.kind !== "accepted") return isSuccess(response.status) ? declared : null;
  return meaningOfState(response, job);
}

function meaningOfState(response: HttpResponse, job: JobReply): Meaning | null {
  const [state] = job.state === undefined ? [] : select(jsonIn(response.body), job.state);
  const reply: Meaning =
    job.reply === undefined ? { kind: "accepted" } : replyAt(response, job.reply);
  if (job.state === undefined) {
    return job.join === undefined && reply.kind === "unknown" ? null : reply;
  }
  const words = describeResponse(response);
  if (job.failed.includes(String(state))) {
    return { kind: "unknown", why: `the job ended as ${String(state)}: ${words}` };
  }
  if (job.interrupted.includes(String(state))) return { kind: "interrupted", approval: words };
  return job.done.includes(String(state)) ? reply : null;
}
