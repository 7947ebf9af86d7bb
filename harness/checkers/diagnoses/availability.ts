import type { Rows } from "./row.ts";

export const availability = {
  "process-died": {
    title: "The process dies of a fault",
    meaning: "All turns on a replica are cut because one connection or one turn failed.",
    evidence: "A replica that had been ready ended, and the harness had not stopped it.",
    remedy: {
      "database error":
        "Give the saver your own pool with pool.on('error', …) and pool.on('connect', client =>" +
        " client.on('error', …)): fromConnString sets neither, and an error on an idle or checked" +
        " out connection ends the Node process",
      "other error":
        "Let an error of one turn end that turn and not the process: handle 'error' events and" +
        " rejected promises where they arise",
    },
    levels: [],
  },
  "never-ready": {
    title: "A replica does not become ready again",
    meaning: "The service runs with fewer replicas, or with none.",
    evidence: "A replica was started again, every fault was healed, and it did not become ready.",
    remedy:
      "Let readiness check what the next turn needs anew each time, with time-outs, and do not " +
      "remember a failure from before the heal",
    levels: [],
  },
  "prepared-statement-lost": {
    title: "A prepared statement is on another connection",
    meaning: "Turns fail at random behind a connection pooler.",
    evidence:
      "The database or the log reports a prepared statement that does not exist, or exists " +
      "already.",
    remedy:
      "Behind a pooler in transaction mode prepare no statements, or use a pooler that follows " +
      "them (PgBouncer 1.21 with max_prepared_statements)",
    levels: [],
  },
  "pool-starvation": {
    title: "Turns starve each other of connections",
    meaning: "With enough users at once no turn is answered.",
    evidence:
      "Turns on different threads, all at once, waited for a connection and failed; one at a " +
      "time they are answered.",
    remedy:
      "Take the connections of locks and of saves from different pools, or hold no connection " +
      "while a turn waits for another one",
    levels: [],
  },
  "rate-limited": {
    title: "The service limits its clients",
    meaning: "A client that sends too fast is refused for a while.",
    evidence: "The last answer of a thread was 429.",
    remedy: "Raise the limit for the test, or let Retry-After tell when the client may come back",
    levels: [],
  },
  "stuck-thread": {
    title: "A thread does not come back",
    meaning: "After the fault is over, a conversation stays unanswered.",
    evidence: "After the heal a thread was not answered in the promised time.",
    remedy: {
      "not answered":
        "Let nothing that belongs to a dead turn outlive it (a lock ends with its holder's" +
        " connection or transaction, and pool, statements and model have time-outs), and before a" +
        " new message finish an unfinished turn with invoke(null) if getState().tasks is not empty",
      "not ready":
        "Let readiness check what the next turn needs (the database, the schema) anew each time," +
        " with time-outs, and do not remember a failure from before the heal",
    },
    levels: [],
  },
  "hung-turn": {
    title: "A turn waits without end",
    meaning: "The user gets neither an answer nor an error.",
    evidence: "During an outage an attempt waited longer than the promised time.",
    remedy: {
      saves:
        "Bound every wait for the database: connectionTimeoutMillis, statement_timeout and" +
        " query_timeout of the pool (pg has none by default, and the server's own time-out does not" +
        " help on a silent connection), and answer 503 when one expires",
      replies:
        "Bound every wait for the model: a time-out around the whole call, as an AbortSignal (that" +
        " of the OpenAI client ends once a stream has begun, and is ten minutes by default), and" +
        " few retries (LangChain's default is six, with pauses that double), and answer 502 when it" +
        " expires",
    },
    levels: [],
  },
  "setup-race": {
    title: "Replicas that start together fail",
    meaning: "The first deploy on an empty database fails, or loses a replica.",
    evidence: "Replicas started together, and one ended with an error of two concurrent setups.",
    remedy:
      "Run the saver's setup() once in a migration step before the replicas start, or under an" +
      " advisory lock: pg_advisory_lock on a direct connection, or behind a transaction pooler" +
      " pg_advisory_xact_lock in one transaction that stays open until setup() is done. It has" +
      " neither lock nor transaction itself",
    levels: [],
  },
  "migration-race": {
    title: "Replicas that start on a migrated database fail",
    meaning: "A deploy or a scale-up loses a replica.",
    evidence:
      "Replicas started together on a database that was prepared, and one ended with an error " +
      "of concurrent migrations.",
    remedy:
      "Run migrations once before the replicas start, or under an advisory lock, and let a " +
      "replica that finds nothing to do change nothing",
    levels: [],
  },
  "failed-boot": {
    title: "A replica does not start on an empty database",
    meaning: "The first deploy fails.",
    evidence:
      "A replica ended, or did not become ready, without an error of two concurrent setups.",
    remedy:
      "Read its last lines: on an empty database a replica must create what it needs, or wait for it" +
      " and log that it waits, and it needs the right to (setup() asks for CREATE on every boot)",
    levels: [],
  },
  "silent-refusal": {
    title: "A replica is not ready and does not say why",
    meaning: "The operator sees a failed deploy without a reason.",
    evidence: "A replica was not ready, and neither its ready check nor its log gave a reason.",
    remedy:
      "Let the readiness endpoint or the last line of the log name what is missing (the table, the" +
      " migration, the database) and who has to act",
    levels: [],
  },
  "no-drain": {
    title: "A stop cuts turns",
    meaning: "Each deploy interrupts the users whose turns are under way.",
    evidence: "A turn was in flight at SIGTERM and was not answered before the process ended.",
    remedy:
      "On SIGTERM stop being ready, refuse new turns, wait for those in flight, and only then end" +
      " the pool and the process",
    levels: [],
  },
  "slow-exit": {
    title: "A stop takes too long",
    meaning: "The platform kills the process, and with it whatever is under way.",
    evidence: "The process had not ended within the promised time from SIGTERM.",
    remedy:
      "Give the drain a deadline, close idle keep-alive connections, end pools and timers: an open" +
      " handle keeps the Node process alive until the platform kills it",
    levels: [],
  },
  "busy-promise-broken": {
    title: "A busy thread does not do what is promised",
    meaning: "Clients that rely on the promise lose or double messages.",
    evidence:
      "A second turn came to a busy thread, and was handled otherwise than promises.concurrency " +
      "says.",
    remedy:
      "Make the service do what it promises, or declare what it does: reject, enqueue, " +
      "interrupt or none",
    levels: [],
  },
} as const satisfies Rows;
