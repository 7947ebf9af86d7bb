import { expect, test } from "vitest";
import type { Database } from "./database.ts";
import { schemaIn } from "./schema.ts";

/** A database whose schema is at this version; `fail` makes it answer with an error. */
function at(version: number | null) {
  let failing: Error | undefined;
  const query = async (text: string) => {
    if (failing !== undefined) throw failing;
    const isVersion = text.includes("max(v)");
    return { rows: [isVersion ? { v: version } : { threads: true, saver: true }] };
  };
  const database = { work: { query }, locks: { query } } as unknown as Database;
  const fail = (error?: Error) => (failing = error);
  return { schema: schemaIn(database, true), fail };
}

const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

test("a replica serves nothing before it has checked the schema", async () => {
  const { schema, fail } = at(99);
  expect(schema.obstacle()).toMatch(/has not been checked yet/);
  fail(away);
  expect(await schema.probe()).toMatch(/is being created/);
  expect(schema.obstacle()).toMatch(/is being created/);
  fail();
  expect(await schema.probe()).toBeUndefined();
  expect(schema.obstacle()).toBeUndefined();
});

test("while the database is away the replica is not ready, but refuses no turn in advance", async () => {
  const { schema, fail } = at(99);
  await schema.prepare();
  fail(away);
  expect(await schema.probe()).toMatch(/the database cannot be reached \(connect ECONNREFUSED\)/);
  expect(schema.obstacle()).toBeUndefined();
});

test("a replica whose role lacks a privilege serves nothing", async () => {
  const { schema, fail } = at(99);
  await schema.prepare();
  fail(Object.assign(new Error("permission denied"), { code: "42501" }));
  expect(await schema.probe()).toMatch(/lacks a privilege/);
  expect(schema.obstacle()).toMatch(/lacks a privilege/);
});

test("a schema without the saver's newest migration is too old, and the newest is enough", async () => {
  const versions = Array.from({ length: 20 }, (_, version) => version);
  const seen = await Promise.all(versions.map((version) => at(version).schema.probe()));
  const newest = seen.indexOf(undefined);
  expect(newest).toBeGreaterThan(0);
  expect(seen.slice(0, newest)).toEqual(
    Array(newest).fill("the schema is being created: try again in a moment"),
  );
  expect(seen.slice(newest)).toEqual(Array(20 - newest).fill(undefined));
});
