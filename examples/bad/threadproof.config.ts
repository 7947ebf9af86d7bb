import { command, defineConfig, violated } from "../../harness/threadproof.ts";

/** All of these services keep their threads in process memory, so a restart loses them. */
const forgets = { restart: violated("remembers-everything", ["amnesia"]) };

interface Limits {
  readonly withinMs?: number;
  readonly turnTimeoutMs?: number;
}

/** Only the limit that a flaw exceeds is short, because the test waits for it. */
function bad(flaw: string, { withinMs = 60_000, ...limits }: Limits = {}) {
  return command({
    start: "node service.ts",
    env: { PORT: "${port}", MODEL_URL: "${model}", FLAW: flaw },
    ready: { get: "/health", withinMs },
    say: { post: "/say", json: { thread: "${thread}", input: "${message}" }, reply: "$.reply" },
    breaks: forgets,
    ...limits,
  });
}

export default defineConfig({
  targets: {
    // Counts from the start of the process, which must have answered 503 by then.
    "never ready": bad("never ready", { withinMs: 10_000 }),
    "crashes at boot": bad("crashes at boot"),
    "answers HTML": bad("answers HTML"),
    "an error inside 200": bad("an error inside 200"),
    "streams without end": bad("streams without end", { turnTimeoutMs: 1_000 }),
    "ignores its port": bad("ignores its port", { withinMs: 4_000 }),
    forks: bad("forks"),
    "prints 256 MB": bad("prints 256 MB"),
  },
});
