import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { destructiveHooks } from "../deployment/url/hooks.ts";
import type { Secrets } from "../history/secrets.ts";
import type { Target } from "../config/configuration.ts";
import { foreignHost } from "../config/allowed-hosts.ts";
import { secretsOf } from "../config/secret-fields.ts";
import { hookInWords } from "../config/url-target.ts";
import { UserError } from "./user-error.ts";

interface Asked {
  readonly allowHooks?: boolean;
  readonly databaseUrl?: string;
  readonly testDatabase?: boolean;
}

interface About {
  /** The targets that will run, by name. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Hosts other than this computer that may be contacted. */
  readonly allow: readonly string[];
  readonly secrets: Secrets;
}

/**
 * Gets the user's consent. A database server of the user needs the flag --test-database. Without
 * consent to hooks, scenarios that need them do not run.
 */
export async function permission(asked: Asked, { targets, allow, secrets }: About) {
  if (asked.databaseUrl !== undefined) demandTestDatabase(asked.databaseUrl, asked, allow);
  for (const secret of secretsOf(asked.databaseUrl ?? "")) secrets.add(secret);
  return { allow, hooksAllowed: asked.allowHooks === true || (await mayRunHooks(targets)) };
}

/** Asks about hooks that kill or disconnect something. Without a terminal the answer is no. */
async function mayRunHooks(targets: ReadonlyMap<string, Target>): Promise<boolean> {
  const lines = [...targets].flatMap(([name, target]) => {
    if (target.kind !== "url") return [];
    return destructiveHooks.flatMap((it) => {
      const hook = target.hooks[it];
      return hook === undefined ? [] : [`  ${name}: hooks.${it}: ${hookInWords(hook)}`];
    });
  });
  if (lines.length === 0 || !process.stdin.isTTY || !process.stderr.isTTY) return false;
  const question = ["threadproof will run these hooks many times:", ...lines, "Continue? [y/N] "];
  return /^y(es)?$/i.test((await answerTo(question.join("\n"))).trim());
}

/** Reads a line; ctrl-d gives an empty one. Ctrl-c exits, because nothing has started yet. */
async function answerTo(question: string): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  asking.once("SIGINT", () => {
    asking.close();
    process.stderr.write("\n");
    process.exit(interrupted);
  });
  const ended = once(asking, "close").then(() => "");
  try {
    // On ctrl-d the question rejects before the interface emits "close".
    return await Promise.race([asking.question(question).catch(() => ""), ended]);
  } finally {
    asking.close();
  }
}

/** Shells use 128 plus the number of the signal. */
const interrupted = 130;

function demandTestDatabase(url: string, { testDatabase }: Asked, allow: readonly string[]): void {
  const foreign = foreignHost(url, allow);
  if (foreign !== null) throw new UserError("usage", `--database-url ${foreign}`);
  if (testDatabase === true) return;
  throw new UserError(
    "usage",
    "--database-url needs --test-database to confirm that it is a test server:" +
      " threadproof creates and drops databases and roles named threadproof_… on it",
  );
}
