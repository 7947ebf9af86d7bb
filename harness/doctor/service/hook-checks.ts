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

/** Each hook as it would be run, and what the harmless one says. */
export function hooking({ target, history, logged }: Evidence): Finding {
  if (target.kind !== "url") return open("none are needed: the service is ours to start and end");
  const { hooks } = target;
  const declared = Object.entries(hooks).flatMap(([name, hook]) =>
    hook === undefined ? [] : [{ name, hook }],
  );
  if (declared.length === 0) {
    return open("none are declared: what ends, starts or cuts off something cannot be judged");
  }
  const [replica = ""] = history.header.replicas;
  const lines = declared.map(
    ({ name, hook }) => `${name}: ${fillText(hookInWords(hook), { replica })}`,
  );
  const says = `not run here, and by a run only with --allow-hooks: ${lines.join(" · ")}`;
  const lonely = loneliness(hooks);
  if (lonely !== null) return broken(`${lonely}; ${says}`);
  if (logged === null) return works(says);
  if ("failed" in logged) return broken(`${logged.failed}; ${says}`);
  const last = logged.lines.at(-1);
  const heard = last === undefined ? "is empty" : `ends with “${short(last, 60)}”`;
  return works(`the log of ${replica} ${heard}; ${says}`);
}

/** One without its counterpart would leave the service down. */
function loneliness(hooks: UrlTarget["hooks"]): string | null {
  const pairs = [
    ["kill", "start"],
    ["pause", "resume"],
    ["cutDatabase", "healDatabase"],
  ] as const;
  const lonely = pairs.filter(([one, other]) => hooks[one] !== undefined && !hooks[other]);
  if (lonely.length === 0) return null;
  return inWords(lonely.map(([one, other]) => `${one} is of no use without ${other}`));
}
