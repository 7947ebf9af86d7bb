import { command, defineConfig, violated } from "./harness/threadproof.ts";

const user = { "x-user-id": "${user}" };

/** The reference app with one part replaced: `reference-app/mistakes/`. */
function mistake(
  name: string,
  about: string,
  breaks: Record<string, ReturnType<typeof violated>>,
  env: Record<string, string> = {},
) {
  return {
    about,
    start: "node ${bundle:reference-app/mistakes/main.ts}",
    container: { build: { dockerfile: "reference-app/mistakes/Dockerfile" } },
    env: { MISTAKE: name, ...env },
    breaks,
  };
}

export default defineConfig({
  targets: {
    reference: command({
      start: "node ${bundle:reference-app/main.ts}",
      migrate: "node ${bundle:reference-app/main.ts} migrate",
      container: {
        build: { dockerfile: "reference-app/Dockerfile" },
        migrate: ["migrate"],
        env: { HOST: "0.0.0.0" },
      },
      env: {
        PORT: "${port}",
        REPLICA: "${replica}",
        DATABASE_URL: "${database}",
        OPENAI_BASE_URL: "${model}/v1",
        OPENAI_API_KEY: "unused",
        TOOLS_URL: "${tools}",
        STATEMENT_TIMEOUT_MS: "2000",
        // Replicas start faster if they share Node's compiled code.
        NODE_COMPILE_CACHE: "${scratch}",
      },
      envIn: { "slow-model": { MODEL_TIMEOUT_MS: "2000" } },
      ready: { get: "/readyz" },
      thread: { post: "/threads", headers: user, json: {}, id: "$.id" },
      say: {
        post: "/chat",
        headers: user,
        json: { thread_id: "${thread}", message: "${message}", request_id: "${turn}" },
        reply: "$.reply",
      },
      read: {
        get: "/threads/${thread}/state",
        headers: user,
        list: "$.messages[*].content",
        channels: { "the outline": "$.outline[*]" },
      },
      delete: { delete: "/threads/${thread}", headers: user },
      refusals: [400, 401, 403, 404, 409],
      retry: "same-request-id",
      tools: ["search", "book"],
      promises: { answerMs: 6_000, recoveryMs: 4_000 },
      variants: {
        "memory-saver": mistake("memory-saver", "uses MemorySaver instead of PostgresSaver", {
          "round-robin": violated("remembers-everything", ["split-brain"]),
          restart: violated("remembers-everything", ["amnesia"]),
          "rolling-redeploy": violated("remembers-everything", ["split-brain"]),
          "kill-mid-graph": violated("remembers-everything", [
            "split-brain",
            "duplicated-effect",
            "repeated-steps",
          ]),
        }),
        "no-setup": mistake("no-setup", "never calls saver.setup()", {
          "missing-setup": violated("ready-means-serving", ["not-initialised"]),
        }),
        "setup-at-boot": mistake(
          "setup-at-boot",
          "each replica calls saver.setup() at boot, without a lock",
          { "boot-race": violated("boots-together", ["setup-race"]) },
          // Each replica waits for the other one and must not time out before.
          { STATEMENT_TIMEOUT_MS: "60000" },
        ),
        "optional-thread-id": mistake("optional-thread-id", "accepts any or no thread id", {
          "missing-thread-id": violated("refuses-before-anything-runs", [
            "thread-id-not-required",
            "foreign-thread-served",
          ]),
        }),
        "one-thread-for-all": mistake("one-thread-for-all", "uses one hard-coded thread id", {
          "round-robin": violated("remembers-everything", ["cross-thread-leak"]),
          "missing-thread-id": violated("refuses-before-anything-runs", ["cross-thread-leak"]),
        }),
        "never-resumes": mistake("never-resumes", "starts a new turn over an unfinished one", {
          "kill-mid-graph": violated("remembers-everything", [
            "duplicated-effect",
            "repeated-steps",
            "orphaned-tool-call",
          ]),
          "kill-then-new-message": violated("remembers-everything", ["orphaned-tool-call"]),
          "slow-model": violated("remembers-everything", ["duplicated-turn", "duplicated-effect"]),
        }),
        "async-durability": mistake(
          "async-durability",
          "uses durability async, LangGraph's default",
          {
            durability: violated("finished-steps-are-not-repeated", [
              "repeated-steps",
              "duplicated-effect",
            ]),
            "database-refuses-writes": violated("no-success-without-saving", [
              "unsaved-effect",
              "duplicated-effect",
            ]),
          },
        ),
        "exit-durability": mistake("exit-durability", "uses durability exit", {
          "kill-mid-graph": violated("effects-happen-once", [
            "duplicated-effect",
            "repeated-steps",
          ]),
          durability: violated("finished-steps-are-not-repeated", [
            "repeated-steps",
            "duplicated-effect",
          ]),
        }),
        "no-lock": mistake("no-lock", "runs two turns at once on one thread", {
          "double-text": violated("remembers-everything", ["lost-update"]),
          zombie: violated("remembers-everything", ["zombie-write"]),
          partition: violated("remembers-everything", ["zombie-write"]),
          "torn-state": violated("channels-agree", ["torn-state", "lost-update"]),
        }),
        "lease-lock": mistake("lease-lock", "locks a thread with a lease that expires", {
          zombie: violated("remembers-everything", ["zombie-write"]),
          partition: violated("remembers-everything", ["zombie-write"]),
        }),
        "no-cleanup": mistake("no-cleanup", "never prunes or deletes checkpoints", {
          "table-growth": violated("growth-is-bounded", ["quadratic-growth", "leftover-rows"]),
        }),
        "no-clock-check": mistake("no-clock-check", "does not compare the clocks of replicas", {
          "clock-skew": violated("remembers-everything", ["ordered-by-clock"]),
        }),
        "no-drain": mistake("no-drain", "ends at once on SIGTERM", {
          "rolling-redeploy": violated("drains", ["no-drain"]),
        }),
        "not-idempotent": mistake("not-idempotent", "calls tools without an idempotency key", {
          "kill-mid-graph": violated("effects-happen-once", ["duplicated-effect"]),
        }),
        "ignores-request-id": mistake(
          "ignores-request-id",
          "treats a repeated request as a new message",
          {
            "lost-acknowledgement": violated("remembers-everything", [
              "duplicated-turn",
              "duplicated-effect",
            ]),
          },
        ),
        "request-ids-in-memory": mistake(
          "request-ids-in-memory",
          "remembers request ids only in the process",
          {
            "lost-acknowledgement": violated("remembers-everything", [
              "duplicated-turn",
              "duplicated-effect",
            ]),
          },
        ),
        "reply-before-saving": mistake(
          "reply-before-saving",
          "replies before it has saved the turn",
          {
            "kill-after-reply": violated("remembers-everything", ["lost-turn"]),
            "far-database": violated("remembers-everything", ["lost-turn"]),
          },
        ),
        "bare-model": mistake("bare-model", "uses ChatOpenAI with its defaults", {
          "slow-model": violated("answers-in-time", ["hung-turn"]),
        }),
        "headers-timeout": mistake("headers-timeout", "uses only the time-out of ChatOpenAI", {
          "slow-model": violated("answers-in-time", ["hung-turn"]),
        }),
        apologises: mistake("apologises", "answers 200 with an apology if the model fails", {
          "slow-model": violated("no-success-without-reply", ["unreplied-success"]),
        }),
        "keeps-partial-replies": mistake(
          "keeps-partial-replies",
          "takes a broken stream as the whole reply",
          { "slow-model": violated("no-success-without-reply", ["partial-reply"]) },
        ),
        "bare-pool": mistake("bare-pool", "uses PostgresSaver.fromConnString with its defaults", {
          "database-restart": violated("answers-again", ["process-died"]),
          "connection-kill": violated("answers-again", ["process-died"]),
          "database-stall": violated("answers-in-time", ["hung-turn"]),
        }),
        "swallows-save-errors": mistake(
          "swallows-save-errors",
          "logs errors of the saver and continues the turn",
          {
            "database-refuses-writes": violated("no-success-without-saving", [
              "unsaved-success",
              "unsaved-effect",
            ]),
            "save-conflict": violated("remembers-everything", ["lost-turn"]),
          },
        ),
        "fail-open": mistake("fail-open", "uses memory if it cannot reach the database at boot", {
          "fail-open": violated("no-success-without-saving", ["memory-fallback"]),
          "connection-limit": violated("remembers-everything", ["memory-fallback"]),
        }),
        "tied-to-socket": mistake("tied-to-socket", "stops a turn when its client disconnects", {
          "client-disconnect": violated("leaves-no-half-turn", ["half-turn"]),
        }),
      },
    }),
  },
});
