import { expect, test } from "vitest";
import { headerOf } from "../../../test/support/shorthand.ts";
import { entriesOf, type History } from "../../history/history.ts";
import { Recording } from "../../history/recording.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { recordActs } from "./acts.ts";
import { followsSchedule } from "./follows-schedule.ts";
import { replayOf } from "./replay.ts";
import { inWords, obstacles, scheduleOf } from "./schedule.ts";

/** What a stage is told to do, and when that is over: each call waits until it is let go. */
function playground() {
  const told: string[] = [];
  const open = new Map<string, () => void>();
  const slow = (what: string) => {
    told.push(what);
    return new Promise<void>((resolve) => open.set(what, resolve));
  };
  const replicaOf = (name: string) => ({
    name,
    isolate: () => {},
    recovered: () => {},
    signal: (signal: string) => slow(`${name} ${signal}`),
    [Symbol.asyncDispose]: async () => {},
  });
  const replicas = [replicaOf("a"), replicaOf("b")];
  const deployment = {
    replicas,
    first: replicas[0],
    route: (how: string) => void told.push(`route ${how}`),
    lock: async (what: string) => {
      // What an act does within itself is no act: it is done again anyway.
      await replicas[0]?.signal("SIGSTOP");
      return { [Symbol.asyncDispose]: async () => void told.push(`${what} is unlocked`) };
    },
    async inject({ name, inject }: { name: string; inject: (on: unknown) => Promise<void> }) {
      told.push(name);
      await inject(deployment);
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const stage = { deployment, quiet: () => slow("quiet") } as unknown as Stage;
  const letGo = async (what: string) => {
    await expect.poll(() => open.has(what)).toBe(true);
    open.get(what)?.();
    open.delete(what);
  };
  return { stage, told, letGo };
}

type Deployment = Record<string, (...given: unknown[]) => Promise<AsyncDisposable>> & {
  replicas: { signal(signal: string): Promise<void> }[];
  first: { signal(signal: string): Promise<void> };
};

/** Two things at once, of which one ends before a third begins. */
async function workload({ deployment, quiet }: Stage): Promise<void> {
  const it = deployment as unknown as Deployment;
  void it["route"]?.("sticky");
  const one = it.first.signal("one");
  const two = it.replicas[1]?.signal("two");
  await one;
  const lock = await it["lock"]?.("table");
  await lock?.[Symbol.asyncDispose]();
  await two;
  await quiet();
}

const scenario: Scenario = { claim: "it is done again", needs: [], run: workload, checks: [] };

async function recorded(run: Scenario["run"], play: ReturnType<typeof playground>) {
  const recording = new Recording(headerOf({ replicas: ["a", "b"] }), null);
  recording.record({ kind: "phase", phase: "workload" });
  const over = (async () => {
    using acts = recordActs(play.stage, recording);
    await run(acts.stage);
    recording.record({ kind: "phase", phase: "healing" });
  })();
  return { recording, over };
}

async function aRecord(): Promise<Recording> {
  const play = playground();
  const { recording, over } = await recorded(workload, play);
  for (const what of ["a one", "a SIGSTOP", "b two", "quiet"]) await play.letGo(what);
  await over;
  return recording;
}

const done = ["route sticky", "a one", "b two", "a SIGSTOP", "table is unlocked", "quiet"];

test("what a scenario does is written down, act by act", async () => {
  const { acts, last } = scheduleOf(await aRecord());
  expect(acts.map(inWords)).toEqual([
    'act 1, deployment.route "sticky"',
    'act 2, replica a.signal "one"',
    'act 3, replica b.signal "two"',
    'act 4, deployment.lock "table"',
    "act 5, act 4.dispose",
    "act 6, stage.quiet",
  ]);
  expect(acts.map(({ after }) => after)).toEqual([[], [1], [], [2], [4], [5, 3]]);
  expect(last).toEqual([6]);
});

test("it is done again in the same order, whatever is faster this time", async () => {
  const record = await aRecord();
  const play = playground();
  const { recording, over } = await recorded(replayOf(record, scenario).run, play);
  // The second one ends first: the lock waits for the first one all the same.
  await play.letGo("b two");
  expect(play.told).toEqual(done.slice(0, 3));
  for (const what of ["a one", "a SIGSTOP", "quiet"]) await play.letGo(what);
  await over;
  expect(play.told).toEqual(done);
  expect(followsSchedule(record).judge(recording)).toEqual({ kind: "holds", checked: 6 });
  // A replay can be replayed.
  expect(scheduleOf(recording).acts.map(inWords)).toEqual(scheduleOf(record).acts.map(inWords));
});

test("a replay that does not come to an act, or fails in one, is inconclusive", async () => {
  const record = await aRecord();
  const { header, entries } = record;
  const judge = (changed: History) => followsSchedule(record).judge(changed);
  const cut = entries.slice(0, entries.length - 3);
  expect(judge({ header, entries: cut })).toEqual({
    kind: "inconclusive",
    because: "act 6, stage.quiet: the replay never came to it",
  });
  const failing = entries.map((it) =>
    it.kind === "act.end" && it.act === 4 ? { ...it, failed: "no table" } : it,
  );
  expect(judge({ header, entries: failing })).toEqual({
    kind: "inconclusive",
    because: 'act 4, deployment.lock "table" failed: no table',
  });
  // What failed in the record may fail again.
  expect(followsSchedule({ header, entries: failing }).judge({ header, entries: failing })).toEqual(
    {
      kind: "holds",
      checked: 6,
    },
  );
});

test("a point that was reached, and is not any more, is named", () => {
  const header = headerOf({});
  const entriesWith = (answer: string | null): History => {
    const recording = new Recording(header, null);
    const given = [{ $turn: ["c3", 2] }, "model call 2"];
    recording.record({ kind: "act", act: 1, of: "stage", does: "hold", with: given });
    recording.record({ kind: "act.end", act: 1, answer: null });
    recording.record({ kind: "act", act: 2, of: "act 1", does: "reached", with: [] });
    recording.record({ kind: "act.end", act: 2, answer });
    return recording;
  };
  const { judge } = followsSchedule(entriesWith("a"));
  expect(judge(entriesWith("b"))).toEqual({ kind: "holds", checked: 2 });
  expect(judge(entriesWith(null))).toEqual({
    kind: "inconclusive",
    because:
      'act 1, stage.hold message 2 of c3, "model call 2": it was reached on a in the record, and' +
      " not in the replay",
  });
  // What was not reached then need not be.
  expect(followsSchedule(entriesWith(null)).judge(entriesWith(null)).kind).toBe("holds");
});

test("what is code of the scenario's own cannot be done again, and is told", async () => {
  const play = playground();
  const own = { name: "a fault of ours", inject: async () => {} };
  const unknown = { ...own, made: { by: "noSuchFault", from: [] } };
  const { recording, over } = await recorded(async ({ deployment }) => {
    for (const fault of [own, unknown]) {
      await (deployment as unknown as Deployment)["inject"]?.(fault);
    }
    await (deployment as unknown as Deployment)["inject"]?.({
      ...own,
      made: { by: "kill", from: [1] },
    });
  }, play);
  await over;
  expect(obstacles(recording, (name) => name === "kill")).toEqual([
    'act 1, deployment.inject the fault "a fault of ours", which does not say how it is made: that' +
      " cannot be written down",
    'act 2, deployment.inject noSuchFault: there is no fault "noSuchFault" in threadproof',
  ]);
  const without = { header: recording.header, entries: entriesOf(recording, "phase") };
  expect(obstacles(without, () => true)[0]).toContain("it has no acts");
  expect(obstacles({ ...without, entries: [] }, () => true)[0]).toContain("never began");
});
