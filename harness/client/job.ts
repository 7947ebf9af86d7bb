import { setTimeout as delay } from "node:timers/promises";
import { random } from "../history/random.ts";
import type { JobReply } from "../config/reply-rules.ts";
import { select } from "../config/json-path.ts";
import { type Manners, replyAt, type Says, saysOf } from "./interpret.ts";
import type { Names } from "./filled-request.ts";
import { jsonIn } from "./stream-reader.ts";
import type { Exchange, Heard, Via, Wire } from "./http-client.ts";
import { inWords } from "./describe-answer.ts";

/** What became of a job: what it says, and the answer that said so. */
export interface JobEnd {
  readonly says: Says;
  readonly heard: Heard | null;
  /** Replicas that said that there is no such job. */
  readonly deniedBy: readonly string[];
}

const absent = [404, 410];

/**
 * Asks for a job until it is over, or the time of its turn is. Whoever answers may be any replica:
 * a client that polls does not know which one it has. One that cannot answer now is asked again,
 * because to ask changes nothing.
 */
export async function jobEnd(
  wire: Wire,
  job: JobReply,
  given: { names: Names; via: Via; manners: Manners },
): Promise<JobEnd> {
  const { names, manners } = given;
  const request = job.join ?? job.poll;
  if (request === undefined) return { says: { kind: "accepted" }, heard: null, deniedBy: [] };
  const denying = new Set<string>();
  const pauseMs = pauses(job.everyMs, String(names["turn"]));
  const { hangUp, timeoutMs, client } = given.via;
  const deadline = performance.now() + timeoutMs;
  let last: string | null = null;
  for (;;) {
    const leftMs = Math.max(1, deadline - performance.now());
    const via = { on: null, client, timeoutMs: leftMs, hangUp };
    const exchange = await wire.send({ request, names, ...via });
    if (hangUp?.aborted === true) {
      if (job.cancel !== undefined) {
        await wire.send({ request: job.cancel, names, ...via, hangUp: null });
      }
      return { says: saysOf(exchange, manners), heard: null, deniedBy: [...denying] };
    }
    const heard = exchange.kind === "answered" ? exchange.heard : null;
    if (heard?.served && absent.includes(heard.status)) denying.add(heard.served);
    const end = endOf(exchange, job, manners);
    if (end !== null) return { ...end, deniedBy: [...denying] };
    if (exchange.kind === "answered") last = inWords(exchange.heard);
    else last ??= exchange.why;
    if (performance.now() + job.everyMs > deadline) break;
    await delay(pauseMs());
  }
  const why = `the job was not over after ${Math.round(timeoutMs)} ms: ${last}`;
  return { says: { kind: "unknown", why }, heard: null, deniedBy: [...denying] };
}

/**
 * Between two polls, in milliseconds: up to twice what is declared, on average that. Two clients
 * who keep step would each meet always the same replica of two behind a round robin, and it need
 * not be the one that knows. Of the turn's request id, so of the run's seed.
 */
export function pauses(everyMs: number, turn: string): () => number {
  const { next } = random(0).fork(turn);
  return () => 2 * everyMs * next();
}

/** Null: it is not over yet, or who was asked does not know. */
function endOf(
  exchange: Exchange,
  job: JobReply,
  manners: Manners,
): Omit<JobEnd, "deniedBy"> | null {
  if (exchange.kind !== "answered") return null;
  const { heard } = exchange;
  // An error inside 200, an interrupt: what is declared of answers is meant of these, too.
  const declared = saysOf(exchange, { ...manners, reply: { kind: "state" } });
  if (declared.kind !== "accepted") return heard.status < 300 ? { says: declared, heard } : null;
  const says = saysOfState(heard, job);
  return says === null ? null : { says, heard };
}

function saysOfState(heard: Heard, job: JobReply): Says | null {
  const [state] = job.state === undefined ? [] : select(jsonIn(heard.body), job.state);
  const reply: Says = job.reply === undefined ? { kind: "accepted" } : replyAt(heard, job.reply);
  if (job.state === undefined) {
    return job.join === undefined && reply.kind === "unknown" ? null : reply;
  }
  if (job.failed.includes(String(state))) {
    return { kind: "unknown", why: `the job ended as ${String(state)}: ${inWords(heard)}` };
  }
  if (job.interrupted.includes(String(state))) {
    return { kind: "interrupted", approval: inWords(heard) };
  }
  return job.done.includes(String(state)) ? reply : null;
}
