import type { Event } from "./history.ts";
import type { Target } from "./target/configuration.ts";
import { isReady } from "./target/ready.ts";
import { methodAndPath } from "./target/request.ts";

type Of<K extends Event["kind"]> = Extract<Event, { kind: K }>;

/** Why a replica did not become ready after its last start: one sentence, without its name. */
export function unreadyWords(target: Target, events: readonly Event[], replica: string): string {
  const last = events.findLastIndex((it) => it.kind === "replica.start" && it.replica === replica);
  const life = events.slice(last + 1);
  const exit = life.find(
    (it): it is Of<"replica.exit"> => it.kind === "replica.exit" && it.replica === replica,
  );
  const unready = life.find(
    (it): it is Of<"replica.unready"> => it.kind === "replica.unready" && it.replica === replica,
  );
  const words = unready?.why.trim() ?? "";
  const printed = words === "" ? "nothing was printed" : words;
  if (exit?.asked === false) {
    if (exit.pid === null) return printed;
    const how = exit.code === null ? `by ${exit.signal ?? "a signal"}` : `with code ${exit.code}`;
    return `it ended by itself ${how}: ${printed}`;
  }
  return `${checkWords(target, unready?.status ?? null, words)}: ${printed}`;
}

/** What its ready check said to the end of its time. */
function checkWords({ ready, kind }: Target, status: number | null, body: string): string {
  if (ready === undefined) return "it does not answer";
  const { method, path } = methodAndPath(ready);
  const check = `${method} ${path}`;
  const time = `${ready.withinMs / 1_000} s`;
  if (status === null) {
    const why = kind === "command" ? "does it listen on ${port} of 127.0.0.1?" : "is it there?";
    return `nothing answered ${check} within ${time} (${why})`;
  }
  // Its body may have been cut: only the status tells what was missing.
  const bodiless = { ...ready, body: undefined };
  const wanted = isReady(bodiless, { status, body })
    ? `and not with ${JSON.stringify(ready.body?.is)} at ${ready.body?.path ?? "$"}`
    : `and not ${[ready.status].flat().join(" or ")}`;
  return `${check} still answered ${status}, ${wanted}, after ${time}`;
}
