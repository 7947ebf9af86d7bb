import { expect, test } from "vitest";
import { headerOf } from "../../../test/support/shorthand.ts";
import type { Replica } from "../../deployment/replica.ts";
import { lockTables } from "../../faults/lock-tables.ts";
import { Acts } from "../../history/acts.ts";
import { entriesOf, type History } from "../../history/history.ts";
import { Recording } from "../../history/recording.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { followsSchedule } from "./follows-schedule.ts";
import { replayOf } from "./replay.ts";
import { actInWords, obstacles, scheduleOf } from "./schedule.ts";

/** A stage whose slow acts end when the test calls `finish`. */
function playground(recording: Recording) {
  const begun: string[] = [];
  const open = new Map<string, () => void>();
  const slow = (what: string) => {
    begun.push(what);
    return new Promise<void>((resolve) => open.set(what, resolve));
  };
  const acts = new Acts(recording);
  const act = <T>(does: string, given: readonly unknown[], body: (act?: number) => T): T =>
    acts.run({ of: "stage", does, with: given }, body);
  const replicaOf = (name: string) => ({ name, toJSON: () => ({ $: `replica ${name}` }) });
  const replicas = ["a", "b"].map(replicaOf) as unknown as Replica[];
  const stage = {
    deployment: { replicas },
    restart: (replica: Replica) => act("restart", [replica], () => slow(`restart ${replica.name}`)),
    inject: (fault: ReturnType<typeof lockTables>) =>
      act("inject", [{ $fault: fault.kind, from: fault.args }], async (number) => {
        await slow(fault.name);
        const heal = async () => void begun.push(`${fault.name}: healed`);
        return {
          [Symbol.asyncDispose]: () =>
            acts.run({ of: `act ${number}`, does: "dispose", with: [] }, heal),
        };
      }),
    untilSaved: () => act("untilSaved", [], () => slow("untilSaved")),
  } as unknown as Stage;
  const finish = async (what: string) => {
    await expect.poll(() => open.has(what)).toBe(true);
    open.get(what)?.();
    open.delete(what);
  };
  return { stage, begun, finish, acts };
}

/** Two concurrent acts; one of them ends before a third act begins. */
async function workload({ deployment, restart, inject, untilSaved }: Stage): Promise<void> {
  const [a, b] = deployment.replicas as [Replica, Replica];
  const one = restart(a);
  const two = restart(b);
  await one;
  {
    await using _ = await inject(lockTables("writes"));
  }
  await two;
  await untilSaved();
}

const scenario: Scenario = { claim: "it is repeated", needs: [], run: workload, checks: [] };

function played(run: Scenario["run"]) {
  const recording = new Recording(headerOf({ replicas: ["a", "b"] }), null);
  const play = playground(recording);
  recording.record({ kind: "phase", phase: "workload" });
  const over = (async () => {
    using _ = play.acts.open();
    await run(play.stage);
    recording.record({ kind: "phase", phase: "healing" });
  })();
  return { recording, over, ...play };
}

const locked = "tables are locked against writes";

async function aRecord(): Promise<Recording> {
  const { recording, over, finish } = played(workload);
  for (const what of ["restart a", locked, "restart b", "untilSaved"]) await finish(what);
  await over;
  return recording;
}

test("a run records every act of its scenario", async () => {
  const { acts, last } = scheduleOf(await aRecord());
  expect(acts.map(actInWords)).toEqual([
    "act 1, stage.restart replica a",
    "act 2, stage.restart replica b",
    'act 3, stage.inject lockTables "writes"',
    "act 4, act 3.dispose",
    "act 5, stage.untilSaved",
  ]);
  expect(acts.map(({ after }) => after)).toEqual([[], [], [1], [3], [4, 2]]);
  expect(last).toEqual([5]);
});

test("a replay keeps the recorded order, even if another act is faster", async () => {
  const record = await aRecord();
  const { recording, over, finish, begun } = played(replayOf(record, scenario).run);
  // The second restart ends first, but the lock still waits for the first one.
  await finish("restart b");
  expect(begun).toEqual(["restart a", "restart b"]);
  for (const what of ["restart a", locked, "untilSaved"]) await finish(what);
  await over;
  const order = ["restart a", "restart b", locked, `${locked}: healed`, "untilSaved"];
  expect(begun).toEqual(order);
  expect(followsSchedule(record).judge(recording)).toEqual({ kind: "holds", checked: 5 });
  // A replay can be replayed.
  const again = scheduleOf(recording).acts.map(actInWords);
  expect(again).toEqual(scheduleOf(record).acts.map(actInWords));
});

test("a replay with a missing or failed act is inconclusive", async () => {
  const record = await aRecord();
  const { header, entries } = record;
  const judge = (changed: History) => followsSchedule(record).judge(changed);
  const cut = entries.slice(0, entries.length - 3);
  expect(judge({ header, entries: cut })).toEqual({
    kind: "inconclusive",
    because: "act 5, stage.untilSaved: the replay did not reach it",
  });
  const failing = entries.map((it) =>
    it.kind === "act.end" && it.act === 3 ? { ...it, failed: "no table" } : it,
  );
  expect(judge({ header, entries: failing })).toEqual({
    kind: "inconclusive",
    because: 'act 3, stage.inject lockTables "writes" failed: no table',
  });
  // An act that failed in the record may fail again.
  expect(followsSchedule({ header, entries: failing }).judge({ header, entries: failing })).toEqual(
    {
      kind: "holds",
      checked: 5,
    },
  );
});

test("the verdict names a point that only the record reached", () => {
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
      'act 1, stage.hold message 2 of c3, "model call 2": the record reached it on a, the replay' +
      " did not",
  });
  // A point that the record did not reach need not be reached.
  expect(followsSchedule(entriesWith(null)).judge(entriesWith(null)).kind).toBe("holds");
});

test("a fault that threadproof does not have is an obstacle to a replay", () => {
  const recording = new Recording(headerOf({}), null);
  recording.record({ kind: "phase", phase: "workload" });
  for (const [index, kind] of ["noSuchFault", "kill"].entries()) {
    const given = [{ $fault: kind, from: [] }];
    recording.record({ kind: "act", act: index + 1, of: "stage", does: "inject", with: given });
  }
  expect(obstacles(recording, (kind) => kind === "kill")).toEqual([
    'act 1, stage.inject noSuchFault: threadproof has no fault "noSuchFault"',
  ]);
  const without = { header: recording.header, entries: entriesOf(recording, "phase") };
  expect(obstacles(without, () => true)[0]).toContain("it has no acts");
  expect(obstacles({ ...without, entries: [] }, () => true)[0]).toContain("never began");
});
