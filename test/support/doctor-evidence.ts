import { handWritten } from "./hand-written.ts";
import { a } from "./shorthand.ts";
import type { Capability } from "../../harness/history/capability.ts";
import { parseConfiguration } from "../../harness/config/configuration.ts";
import type { Evidence } from "../../harness/doctor/service/observed.ts";
import type { Finding } from "../../harness/doctor/service/finding.ts";

/** A target that declares every part. */
export const described = {
  kind: "command",
  start: "node service.js",
  env: { MODEL: "${model}", DB: "${database}", TOOLS: "${tools}" },
  ready: { get: "/health" },
  thread: { post: "/threads", id: "$.id" },
  say: { post: "/say", json: { id: "${thread}", turn: "${turn}" }, reply: "$.reply" },
  read: { get: "/threads/${thread}", list: "$.messages[*].text" },
  delete: { delete: "/threads/${thread}" },
  retry: "same-request-id",
  tools: ["search"],
};

const capabilities: Capability[] = ["replicas", "model", "database", "survey", "tools", "state"];

function targetOf(fields: object) {
  const targets = { mine: { ...described, ...fields } };
  const { mine } = parseConfiguration({ targets }, "my.ts").targets;
  if (mine === undefined) throw new Error("the target is gone");
  return mine;
}

type HandWritten = ReturnType<typeof handWritten>;

export interface Case {
  readonly history: HandWritten;
  readonly target?: object;
  readonly seen?: Partial<Evidence>;
}

export const evidenceOf = ({ history, target = {}, seen = {} }: Case): Evidence => ({
  target: targetOf(target),
  history: history.history(),
  probes: { a: { status: 200, body: "{}" } },
  unknownPath: { status: 404, body: "no such page" },
  connections: { a: 1, b: 1 },
  logged: null,
  ...seen,
});

export const begun = (part: object = {}) => handWritten({ capabilities, ...part });

/** A case: name, function under test, observations, expected state and part of the message. */
export type Row = [string, (evidence: Evidence) => Finding, Case, Finding["state"], string];

export const [first, second] = [{ thread: "first" }, { thread: "second" }];

const said = { reply: `noted ${a(1)}` };
export const once = () => begun().ok(1, { ...first, sees: "", ...said });
export const twice = () => once().ok(2, { ...second, sees: "" });
export const both = () =>
  twice()
    .ok(3, { ...first, sees: "1" })
    .read("1 3", first)
    .ok(4, { ...second, sees: "2" });
export const each = () => once().ok(5, { thread: "on-b", on: "b", sees: "" });
