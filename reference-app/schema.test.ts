import { expect, test } from "vitest";
import type { Database } from "./database.ts";
import { schemaIn } from "./schema.ts";

/** A database whose schema is current, and one error that it answers with instead. */
function current() {
  let failing: Error | undefined;
  const query = async (text: string) => {
    if (failing !== undefined) throw failing;
    const isVersion = text.includes("max(v)");
    return { rows: [isVersion ? { v: 99 } : { threads: true, saver: true }] };
  };
  const database = { work: { query }, locks: { query } } as unknown as Database;
  const fail = (error?: Error) => (failing = error);
  return { schema: schemaIn(database, true), fail };
}

const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

test("until the schema was seen it stands in the way", async () => {
  const { schema, fail } = current();
  expect(schema.obstacle()).toMatch(/has not been looked at yet/);
  fail(away);
  expect(await schema.probe()).toMatch(/is being created/);
  expect(schema.obstacle()).toMatch(/is being created/);
  fail();
  expect(await schema.probe()).toBeUndefined();
  expect(schema.obstacle()).toBeUndefined();
});

test("a database that is away for a moment is not ready, and refuses no turn by hearsay", async () => {
  const { schema, fail } = current();
  await schema.prepare();
  fail(away);
  expect(await schema.probe()).toMatch(/the database cannot be reached \(connect ECONNREFUSED\)/);
  expect(schema.obstacle()).toBeUndefined();
});

test("a database that refuses stands in the way", async () => {
  const { schema, fail } = current();
  await schema.prepare();
  fail(Object.assign(new Error("permission denied"), { code: "42501" }));
  expect(await schema.probe()).toMatch(/lacks a privilege/);
  expect(schema.obstacle()).toMatch(/lacks a privilege/);
});
