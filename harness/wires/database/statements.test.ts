import { expect, test } from "vitest";
import { headerOf } from "../../../test/support/shorthand.ts";
import { entriesOf } from "../../history/history.ts";
import { random } from "../../history/random.ts";
import { Recording } from "../../history/recording.ts";
import { Turns } from "../../history/turn.ts";
import { Holds } from "../hold.ts";
import { Statements } from "./statements.ts";

function watched() {
  const recorder = new Recording(headerOf({}), null);
  const [holds, turns] = [new Holds(recorder, 100), new Turns(random(1), "run")];
  const statements = new Statements({ turns, holds, recorder, isRunning: () => true });
  return { recorder, statements, ...statements.watch("a") };
}

const of = (verb: string, table: string | null) => ({ verb, table, sql: "", ordinal: 1 });

test("records whether a completed statement is in an open transaction", async () => {
  const { recorder, before, after } = watched();
  const run = async (verb: string, how: "done" | "failed" | "skipped", inTransaction: boolean) => {
    const statement = of(verb, null);
    await before(statement, 1);
    await after({ statement, how, inTransaction }, 1);
  };
  await run("BEGIN", "done", true);
  await run("INSERT", "failed", true);
  await run("UPDATE", "skipped", true);
  await run("COMMIT", "done", false);
  expect(
    entriesOf(recorder, "statement").flatMap(({ name, phase, inTransaction }) =>
      phase === "sent" ? [] : [[name, phase, inTransaction]],
    ),
  ).toEqual([
    ["BEGIN", "done", true],
    ["INSERT", "failed", undefined],
    ["COMMIT", "done", undefined],
  ]);
});

test("only statements of the given name fail, until dispose", async () => {
  const { statements, before } = watched();
  const failing = statements.fail("INSERT t", "40001");
  expect(await before(of("INSERT", "t"), 1)).toEqual({ sqlstate: "40001" });
  expect(await before(of("INSERT", "u"), 1)).toBeUndefined();
  expect(await before(of("COMMIT", null), 1)).toBeUndefined();
  expect(failing.count).toBe(1);
  failing[Symbol.dispose]();
  expect(await before(of("INSERT", "t"), 1)).toBeUndefined();
  expect(failing.count).toBe(1);
});

test("a verb alone fails on every table", async () => {
  const { statements, before } = watched();
  using _ = statements.fail("INSERT", "40001");
  expect(await before(of("INSERT", "t"), 1)).toEqual({ sqlstate: "40001" });
  expect(await before(of("INSERT", "u"), 1)).toEqual({ sqlstate: "40001" });
  expect(await before(of("UPDATE", "t"), 1)).toBeUndefined();
});

test("a statement held when its connection ended does not keep untilSaved waiting", async () => {
  const { statements, before, after, gone } = watched();
  const [first, second] = [of("INSERT", "t"), of("INSERT", "u")];
  await before(first, 1);
  await before(second, 1);
  await after({ statement: first, how: "done", inTransaction: true }, 1);
  gone(1);
  await after({ statement: second, how: "done", inTransaction: true }, 1);
  await statements.untilSaved();
  await before(of("SELECT", "t"), 2);
  const waiting = Promise.race([statements.untilSaved(), Promise.resolve("busy")]);
  expect(await waiting).toBe("busy");
});
