import { command, defineConfig, violated } from "./harness/threadproof.ts";

const user = { "x-user-id": "${user}" };

/** The reference app with one part swapped: `reference-app/mistakes/`. */
function mistake(name: string, about: string, breaks: Record<string, ReturnType<typeof violated>>) {
  return { about, env: { MISTAKE: name }, breaks };
}

export default defineConfig({
  targets: {
    reference: command({
      start: "node ${bundle:reference-app/main.ts}",
      migrate: "node ${bundle:reference-app/main.ts} migrate",
      env: {
        PORT: "${port}",
        REPLICA: "${replica}",
        DATABASE_URL: "${database}",
        OPENAI_BASE_URL: "${model}/v1",
        OPENAI_API_KEY: "unused",
        TOOLS_URL: "${tools}",
      },
      ready: { get: "/readyz" },
      thread: { post: "/threads", headers: user, json: {}, id: "$.id" },
      say: {
        post: "/chat",
        headers: user,
        json: { thread_id: "${thread}", message: "${message}", request_id: "${turn}" },
        reply: "$.reply",
      },
      read: { get: "/threads/${thread}/state", headers: user, list: "$.messages[*].content" },
      delete: { delete: "/threads/${thread}", headers: user },
      refusals: [400, 401, 403, 404, 409],
      retry: "same-request-id",
      tools: ["search", "book"],
      variants: {
        "memory-saver": mistake("memory-saver", "MemorySaver in place of PostgresSaver", {
          "round-robin": violated("remembers-everything", ["split-brain"]),
          restart: violated("remembers-everything", ["amnesia"]),
        }),
      },
    }),
  },
});
