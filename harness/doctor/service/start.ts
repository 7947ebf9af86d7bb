import { inWords } from "../../checkers/findings.ts";
import { entriesOf, type History } from "../../history/history.ts";
import type { Ready } from "../../config/ready.ts";
import { methodAndPath } from "../../config/request.ts";
import type { Evidence } from "./observed.ts";
import { broken, type Finding, open, short, works } from "./finding.ts";

/** Every replica became ready. */
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

/** The exit of a replica, if it exited, and the last output of its ready check or log. */
function whyNot(history: History, replica: string): string {
  const of = <T extends { readonly replica: string }>(entries: readonly T[]): T | undefined =>
    entries.findLast((it) => it.replica === replica);
  const { asked = true, code = null, signal = null } = of(entriesOf(history, "replica.exit")) ?? {};
  const how = code === null ? (signal ?? "an error") : `code ${code}`;
  const why = of(entriesOf(history, "replica.unready"))?.why ?? "unknown reason";
  return asked ? why : `it exited with ${how}: ${why}`;
}

/** The ready check distinguishes a ready replica: status 200 alone may mean nothing. */
export function readyCheck({ target, probes, unknownPath }: Evidence): Finding {
  const { ready } = target;
  if (ready === undefined) {
    return open('not declared: add ready: { get: "/health" }, so that a run waits for replicas');
  }
  const { method, path } = methodAndPath(ready);
  const check = `${method} ${path}`;
  const [name, probe] = Object.entries(probes)[0] ?? [];
  if (probe === undefined) return open("not sent");
  const says = `${check} answers ${probe.status ?? "nothing"}: ${short(probe.body, 60) || "no body"}`;
  if (probe.status === null) return broken(`${says} (on ${name}, through the ingress)`);
  if (ready.body !== undefined) return works(`${says}; the check compares ${ready.body.path}`);
  if (admitsTrouble(probe.body)) {
    return broken(
      `${says}: declare the body of a ready replica: ready.body: { path: "$.…", is: … }`,
    );
  }
  return isTheSame(ready, probe, unknownPath)
    ? open(`${says}; an unknown path gets the same response, so the check only shows an open port`)
    : works(says);
}

function admitsTrouble(body: string): boolean {
  return /\b(unhealthy|not ready|degraded|"(status|state)"\s*:\s*"(down|error|fail\w*))/i.test(
    body,
  );
}

function isTheSame(
  ready: Ready,
  probe: Evidence["unknownPath"],
  unknownPath: Evidence["unknownPath"],
): boolean {
  if (unknownPath === null || unknownPath.status === null) return false;
  return [ready.status].flat().includes(unknownPath.status) && unknownPath.body === probe?.body;
}
