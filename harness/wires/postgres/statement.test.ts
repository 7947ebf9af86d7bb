import { expect, test } from "vitest";
import { isWrite, nameOf } from "./statement.ts";

test.each([
  ["BEGIN", "BEGIN", null],
  ["start transaction isolation level serializable", "BEGIN", null],
  ["end", "COMMIT", null],
  ["ROLLBACK", "ROLLBACK", null],
  ["INSERT INTO public.checkpoint_blobs (a) VALUES ($1)", "INSERT", "checkpoint_blobs"],
  ['insert into "Public"."Odd ""Name""" values (1)', "INSERT", 'Odd "Name"'],
  ["  -- why\n /* insert into x */ UPDATE only t SET a = 'delete from y'", "UPDATE", "t"],
  ["delete from Threads where id = $1", "DELETE", "threads"],
  ["SELECT a, (SELECT 1 FROM inner_one) FROM outer_one", "SELECT", "inner_one"],
  ["select pg_advisory_xact_lock($1)", "SELECT", null],
  ["with x as (select 1 from a) insert into b select * from x", "INSERT", "b"],
  ["WITH x AS (SELECT 1 FROM a) SELECT * FROM b JOIN x ON true", "SELECT", "b"],
  ["with gone as (delete from a returning *) select * from gone", "DELETE", "a"],
  ["DO $tag$ insert into c $tag$", "DO", null],
  ["copy t (a) from stdin", "COPY", "t"],
  ["create table if not exists checkpoints (a int)", "CREATE", "checkpoints"],
  ["", "EMPTY", null],
])("%s", (sql, verb, table) => {
  expect(nameOf(sql)).toEqual({ verb, table });
});

test("what writes", () => {
  const writing = ["insert into a", "update a", "delete from a", "copy a"].map(nameOf);
  expect(writing.every(isWrite)).toBe(true);
  expect(["select 1 from a", "begin", "commit"].map(nameOf).some(isWrite)).toBe(false);
});
