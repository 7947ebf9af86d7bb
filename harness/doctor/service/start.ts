import { inWords } from "../../checkers/findings.ts";
import { entriesOf, type History } from "../../history/history.ts";
import type { Ready } from "../../config/ready.ts";
import { methodAndPath } from "../../config/request.ts";
import type { Evidence } from "./observed.ts";
import { broken, type Finding, open, short, works } from "./finding.ts";

/** Every replica was ready once. */
export function starts({ history }: Evidence): Finding {
  const { replicas } = history.header;
  const ready = entriesOf(history, "replica.ready");
  const down = replicas.filter((name) => ready.every(({ replica }) => replica !== name));
  if (down.length > 0) {
    const each = down.map((name) => `${name} is not ready: ${whyNot(history, name)}`);
    return broken(short(each.join("; "), 600));
  }
  const times = replicas.map((name) => {
    const { afterMs = 0 } = ready.find(({ replica }) => replica === name) ?? {};
    return `${name} after ${(afterMs / 1_000).toFixed(1)} s`;
  });
  return works(`ready: ${inWords(times)}`);
}

/** How it ended, where it did; and what its ready check and its log said last. */
function whyNot(history: History, replica: string): string {
  const of = <T extends { readonly replica: string }>(entries: readonly T[]): T | undefined =>
    entries.findLast((it) => it.replica === replica);
  const { asked = true, code = null, signal = null } = of(entriesOf(history, "replica.exit")) ?? {};
  const how = code === null ? (signal ?? "an error") : `code ${code}`;
  const why = of(entriesOf(history, "replica.unready"))?.why ?? "no reason was given";
  return asked ? why : `it ended with ${how}: ${why}`;
}

/** What stands behind the ready check: 200 alone may say nothing. */
export function readyCheck({ target, looks, nowhere }: Evidence): Finding {
  const { ready } = target;
  if (ready === undefined) {
    return open('none is declared: add ready: { get: "/health" }, or nobody waits for a replica');
  }
  const { method, path } = methodAndPath(ready);
  const check = `${method} ${path}`;
  const [name, look] = Object.entries(looks)[0] ?? [];
  if (look === undefined) return open("nobody has asked it");
  const says = `${check} answers ${look.status ?? "nothing"}: ${short(look.body, 60) || "no body"}`;
  if (look.status === null) return broken(`${says} (on ${name}, through the ingress)`);
  if (ready.body !== undefined) return works(`${says}, and its ${ready.body.path} is looked at`);
  if (admitsTrouble(look.body)) {
    return broken(`${says}: say what its body must hold, with ready.body: { path: "$.…", is: … }`);
  }
  return isTheSame(ready, look, nowhere)
    ? open(`${says}; but so does a path that does not exist: it says no more than that it listens`)
    : works(says);
}

function admitsTrouble(body: string): boolean {
  return /\b(unhealthy|not ready|degraded|"(status|state)"\s*:\s*"(down|error|fail\w*))/i.test(
    body,
  );
}

function isTheSame(ready: Ready, look: Evidence["nowhere"], nowhere: Evidence["nowhere"]): boolean {
  if (nowhere === null || nowhere.status === null) return false;
  return [ready.status].flat().includes(nowhere.status) && nowhere.body === look?.body;
}
