/** What to change, for each cause in one sentence. Facts: LangGraph persistence, 1.x. */
import type { Cause } from "./causes.ts";

export type Kind =
  | Cause
  | "duplicated-turn"
  | "duplicated-resend"
  | "cross-thread-leak"
  | "torn-turn"
  | "orphaned-tool-call"
  | "not-initialised";

export const remedies: Readonly<Record<Exclude<Kind, "orphaned-tool-call">, string>> = {
  "split-brain":
    "Keep checkpoints in one store that all replicas use (PostgresSaver instead of MemorySaver," +
    " no cache of threads within a process): a sticky balancer only hides it until the next deploy",
  amnesia:
    "Keep checkpoints outside the process: compile the graph with a PostgresSaver on a database" +
    " that outlives it, instead of MemorySaver or a file in the container",
  "zombie-write":
    "Hold the thread with what ends with the holder's connection (an advisory lock in an open" +
    " transaction) and not with a lease that runs out, or check with each save that it is still" +
    " held: a process that stood still does not know that its time is over",
  "ordered-by-clock":
    "Compare the replica's clock with the database's (SELECT clock_timestamp()) in the ready check" +
    " and before a turn, and begin no turn before the time of the newest checkpoint: LangGraph takes" +
    " the checkpoint with the highest id for the newest, and ids begin with the time",
  "lost-update":
    "Run one turn per thread at a time, by pg_advisory_lock on the thread id, a queue, or a 409:" +
    " LangGraph neither locks nor checks, the latest checkpoint by clock wins",
  "lost-turn":
    'Acknowledge a turn only after its checkpoint is written: durability "sync", and a stream\'s' +
    " final event only after the run has resolved, because the last chunk comes before the save",
  "stale-read":
    "Read threads from the primary database and not from a lagging copy or a cache: getState()" +
    " must see every turn that was acknowledged before it was called",
  "no-memory":
    "Compile the graph with a checkpointer and pass { configurable: { thread_id } } to every" +
    " invoke: without a checkpointer a thread id is accepted, and nothing is remembered or said",
  "duplicated-turn":
    "Store the result under the request id and answer a retry from it, and give messages ids of" +
    " their own, so that the reducer replaces what a first attempt has already saved",
  "duplicated-resend":
    "Accept a request id with each message, and answer a repeated one with the stored result:" +
    " without one a client that lost the reply cannot repeat it safely",
  "cross-thread-leak":
    "Take the thread_id from a threads table that knows its owner, and refuse a missing, blank or" +
    ' foreign one: PostgresSaver accepts "" and "undefined" as threads that everybody shares',
  "torn-turn":
    "Before accepting a new message look at getState().tasks: if it is not empty and no interrupt" +
    " waits, invoke(null) first, because a new message discards the unfinished turn",
  "not-initialised":
    "Call PostgresSaver.setup() before the first turn, in a migration step or under" +
    " pg_advisory_lock, and do not report ready before it has run",
};
