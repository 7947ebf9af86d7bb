import { command, defineConfig, violated } from "../../threadproof.ts";

/** What its owner would not say of it: it forgets, because its memory is that of the process. */
const forgets = { restart: violated("remembers-everything", ["amnesia"]) };

/** Limits are short: a test waits for each of them. */
function bad(flaw: string, withinMs = 4_000) {
  return command({
    start: "node service.ts",
    env: { PORT: "${port}", MODEL_URL: "${model}", FLAW: flaw },
    ready: { get: "/health", withinMs },
    say: { post: "/say", json: { thread: "${thread}", input: "${message}" }, reply: "$.reply" },
    turnTimeoutMs: 1_000,
    breaks: forgets,
  });
}

export default defineConfig({
  targets: {
    "never ready": bad("never ready"),
    "crashes at boot": bad("crashes at boot"),
    "answers HTML": bad("answers HTML"),
    "an error inside 200": bad("an error inside 200"),
    "streams without end": bad("streams without end"),
    "ignores its port": bad("ignores its port"),
    forks: bad("forks", 20_000),
    "prints a gigabyte": bad("prints a gigabyte", 60_000),
  },
});
