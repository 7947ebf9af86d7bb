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
  /** That will be run, by their names. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Hosts besides this machine that may be spoken with. */
  readonly allow: readonly string[];
  readonly secrets: Secrets;
}

/**
 * What may be done. A database server of the user's is spoken with only where it is marked as one
 * for tests; without a yes to hooks what needs them is told as not run.
 */
export async function permission(asked: Asked, { targets, allow, secrets }: About) {
  if (asked.databaseUrl !== undefined) demandTestDatabase(asked.databaseUrl, asked, allow);
  for (const secret of secretsOf(asked.databaseUrl ?? "")) secrets.add(secret);
  return { allow, hooksAllowed: asked.allowHooks === true || (await mayRunHooks(targets)) };
}

/** Hooks that end or cut off something are confirmed on the terminal; where there is none: no. */
async function mayRunHooks(targets: ReadonlyMap<string, Target>): Promise<boolean> {
  const lines = [...targets].flatMap(([name, target]) => {
    if (target.kind !== "url") return [];
    return destructiveHooks.flatMap((it) => {
      const hook = target.hooks[it];
      return hook === undefined ? [] : [`  ${name}: hooks.${it}: ${hookInWords(hook)}`];
    });
  });
  if (lines.length === 0 || !process.stdin.isTTY || !process.stderr.isTTY) return false;
  const question = ["threadproof will run, again and again:", ...lines, "go on? [y/N] "];
  return /^y(es)?$/i.test((await answerTo(question.join("\n"))).trim());
}

/** A line from the terminal; its end is an empty one. Ctrl-c ends us: nothing is started yet. */
async function answerTo(question: string): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  asking.once("SIGINT", () => {
    asking.close();
    process.stderr.write("\n");
    process.exit(interrupted);
  });
  const ended = once(asking, "close").then(() => "");
  try {
    // It rejects at ctrl-d alone, before it is closed.
    return await Promise.race([asking.question(question).catch(() => ""), ended]);
  } finally {
    asking.close();
  }
}

/** As a shell has it: 128, and the number of SIGINT. */
const interrupted = 130;

function demandTestDatabase(url: string, { testDatabase }: Asked, allow: readonly string[]): void {
  const foreign = foreignHost(url, allow);
  if (foreign !== null) throw new UserError("usage", `--database-url ${foreign}`);
  if (testDatabase === true) return;
  throw new UserError(
    "usage",
    "--database-url needs --test-database, which says that the server is there for tests:" +
      " databases and roles named threadproof_… are made and dropped on it",
  );
}
