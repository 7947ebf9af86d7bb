import { inWords } from "../../checkers/findings.ts";
import type { Hooks } from "../../deployment/url/hooks.ts";
import type { UrlTarget } from "../../config/configuration.ts";
import { fillText } from "../../config/template.ts";
import { hookInWords } from "../../config/url-target.ts";
import type { Evidence, Logged } from "./observed.ts";
import { broken, type Finding, open, short, works } from "./finding.ts";

export async function readLogs(hooks: Hooks | null, replica: string): Promise<Logged> {
  const misspelled = hooks?.misspelled(replica) ?? null;
  if (misspelled !== null) return { failed: misspelled };
  if (hooks === null || !hooks.has("logs")) return null;
  try {
    return { lines: await hooks.run("logs", replica) };
  } catch (cause) {
    return { failed: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Lists each hook as a run would call it. Runs only the harmless one, `logs`. */
export function hooking({ target, history, logged }: Evidence): Finding {
  if (target.kind !== "url") return open("not needed: threadproof starts and stops the service");
  const { hooks } = target;
  const declared = Object.entries(hooks).flatMap(([name, hook]) =>
    hook === undefined ? [] : [{ name, hook }],
  );
  if (declared.length === 0) {
    return open("not declared: scenarios that kill, start or cut off something will not run");
  }
  const [replica = ""] = history.header.replicas;
  const lines = declared.map(
    ({ name, hook }) => `${name}: ${fillText(hookInWords(hook), { replica })}`,
  );
  const says = `not run here, and in a run only with --allow-hooks: ${lines.join(" · ")}`;
  const incomplete = missingCounterparts(hooks);
  if (incomplete !== null) return broken(`${incomplete}; ${says}`);
  if (logged === null) return works(says);
  if ("failed" in logged) return broken(`${logged.failed}; ${says}`);
  const last = logged.lines.at(-1);
  const state = last === undefined ? "is empty" : `ends with “${short(last, 60)}”`;
  return works(`the log of ${replica} ${state}; ${says}`);
}

/** Without its counterpart, a hook would leave the service down. */
function missingCounterparts(hooks: UrlTarget["hooks"]): string | null {
  const pairs = [
    ["kill", "start"],
    ["pause", "resume"],
    ["cutDatabase", "healDatabase"],
  ] as const;
  const incomplete = pairs.filter(([one, other]) => hooks[one] !== undefined && !hooks[other]);
  if (incomplete.length === 0) return null;
  return inWords(incomplete.map(([one, other]) => `${one} needs ${other}`));
}
