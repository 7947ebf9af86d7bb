import { command, defineConfig, violated } from "../../harness/threadproof.ts";

const user = { "x-user": "${user}" };

export default defineConfig({
  targets: {
    bare: command({
      start: "node service.ts",
      env: { PORT: "${port}", MODEL_URL: "${model}", DATABASE_URL: "${database}" },
      ready: { get: "/health" },
      say: {
        post: "/conversations/${thread}/messages",
        headers: user,
        json: { text: "${message}" },
        reply: "$.answer",
      },
      read: { get: "/conversations/${thread}", headers: user, list: "$.messages[*].content" },
      promises: { concurrency: "enqueue", answerMs: 2_000 },
      only: [
        "round-robin",
        "restart",
        "rolling-redeploy",
        "missing-thread-id",
        "double-text",
        "connection-kill",
        "database-stall",
        "fail-open",
        "lost-acknowledgement",
        "slow-model",
      ],
      breaks: {
        "lost-acknowledgement": violated("remembers-everything", ["duplicated-resend"], {
          reason: "its messages have no request id",
        }),
        "database-stall": violated("answers-in-time", ["hung-turn"], {
          reason: "its pool has no timeouts",
        }),
        "slow-model": violated("answers-in-time", ["hung-turn"], {
          reason: "it waits for its model without a limit",
        }),
      },
      variants: {
        memory: {
          about: "conversations are in process memory",
          env: { STORE: "memory" },
          breaks: {
            "round-robin": violated("remembers-everything", ["split-brain"]),
            restart: violated("remembers-everything", ["amnesia"]),
          },
        },
      },
    }),
  },
});
