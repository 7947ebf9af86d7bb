import { expect, test } from "vitest";
import { headerOf } from "../checkers/shorthand.ts";
import { random } from "../random.ts";
import { Recording } from "../recording.ts";
import { Turns } from "../turn.ts";
import { Holds } from "./hold.ts";
import { Statements } from "./statements.ts";

test("statements of a name fail while that is held, and no others", async () => {
  const recorder = new Recording(headerOf({}), null);
  const [holds, turns] = [new Holds(recorder, 100), new Turns(random(1))];
  const statements = new Statements({ turns, holds, recorder, isRunning: () => true });
  const { before } = statements.watch("a");
  const of = (verb: string, table: string | null) => ({ verb, table, sql: "", ordinal: 1 });
  const failing = statements.fail("INSERT t", "40001");
  expect(await before(of("INSERT", "t"), 1)).toEqual({ sqlstate: "40001" });
  expect(await before(of("INSERT", "u"), 1)).toBeUndefined();
  expect(await before(of("COMMIT", null), 1)).toBeUndefined();
  expect(failing.count).toBe(1);
  failing[Symbol.dispose]();
  expect(await before(of("INSERT", "t"), 1)).toBeUndefined();
  expect(failing.count).toBe(1);
});
