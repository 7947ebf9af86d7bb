import { expect, test } from "vitest";
import { handWritten } from "../../test/support/hand-written.ts";
import { runsOnce } from "./runs-once.ts";

type HandWritten = ReturnType<typeof handWritten>;

function kindsIn(history: HandWritten) {
  const verdict = runsOnce.judge(history.history());
  return verdict.kind === "violated" ? verdict.diagnoses.map(({ kind }) => kind) : verdict.kind;
}

/** A turn that ran once, and a second one that has begun on a. */
function begun(): HandWritten {
  return handWritten().ok(1, { sees: "" }).say(2);
}

test("each step once holds, and so do the steps of a turn with tools", () => {
  const tools = begun()
    .modelCall(2, "1", { tools: ["search"] })
    .tool(2, "search");
  expect(kindsIn(tools.modelCall(2, "1", { ordinal: 2 }).ok(2))).toBe("holds");
});

test("two replicas that run one turn are named", () => {
  const history = begun().modelCall(2, "1").modelCall(2, "1", { on: "b" }).ok(2);
  expect(runsOnce.judge(history.history())).toMatchObject({
    kind: "violated",
    because:
      "model call 1 of turn tpq-00000002 was made on a and b, the second time 2 ms later with " +
      "the same prompt, and the client had sent the turn once",
    diagnoses: [{ kind: "ran-twice" }],
  });
});

test("a second run on the same replica counts too", () => {
  expect(kindsIn(begun().modelCall(2, "1").modelCall(2, "1").ok(2))).toEqual(["ran-twice"]);
});

test("a death, a retry or a fault between the two justifies the second", () => {
  const killed = begun().modelCall(2, "1").restart("a").modelCall(2, "1", { on: "b" }).ok(2);
  expect(kindsIn(killed)).toBe("holds");
  const again = begun().modelCall(2, "1").unknown(2).say(2, { on: "b" }).modelCall(2, "1").ok(2);
  expect(kindsIn(again)).toBe("holds");
  const cut = begun().modelCall(2, "1").fault("cut").modelCall(2, "1", { on: "b" }).ok(2);
  expect(kindsIn(cut)).toBe("holds");
});

test("a replica may run a turn again that met another one of its thread", () => {
  const met = (on: string) => begun().say(3).modelCall(2, "1").modelCall(2, "1", { on });
  expect(kindsIn(met("a").ok(2).ok(3))).toBe("holds");
  expect(kindsIn(met("b").ok(2).ok(3))).toEqual(["ran-twice"]);
});

test("a call that only waits excuses no second replica", () => {
  const held = begun().fault("hold model call 1").modelCall(2, "1");
  expect(kindsIn(held.modelCall(2, "1", { on: "b" }).ok(2))).toEqual(["ran-twice"]);
});

test("a model client may ask again after an error, a broken answer or a time-out", () => {
  expect(kindsIn(begun().modelCall(2, "1", { status: 500 }).modelCall(2, "1").ok(2))).toBe("holds");
  const broken = begun().modelCall(2, "1", { brokeOff: "Not" }).modelCall(2, "1");
  expect(kindsIn(broken.ok(2))).toBe("holds");
  const silent = begun().modelCall(2, "1", { answered: false }).wait(2_000).modelCall(2, "1");
  expect(kindsIn(silent.ok(2))).toBe("holds");
});

test("another prompt is another step, and a service may ask twice in every turn", () => {
  expect(kindsIn(begun().modelCall(2, "1").modelCall(2, "").ok(2))).toBe("holds");
  const twice = (history: HandWritten, turn: number, sees: string) =>
    history.say(turn).modelCall(turn, sees).modelCall(turn, sees).ok(turn);
  expect(kindsIn(twice(twice(handWritten(), 1, ""), 2, "1"))).toBe("holds");
});
