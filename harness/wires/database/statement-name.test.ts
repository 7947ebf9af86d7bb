import { expect, test } from "vitest";
import { nameOf } from "./statement-name.ts";
import { statementsIn } from "./sql-tokens.ts";

test.each([
  ["BEGIN", "BEGIN", null],
  ["start transaction isolation level serializable", "BEGIN", null],
  ["end", "COMMIT", null],
  ["ROLLBACK", "ROLLBACK", null],
  ["INSERT INTO public.checkpoint_blobs (a) VALUES ($1)", "INSERT", "checkpoint_blobs"],
  ['insert into "Public"."Odd ""Name""" values (1)', "INSERT", 'Odd "Name"'],
  ["  -- why\n /* insert into x */ UPDATE only t SET a = 'delete from y'", "UPDATE", "t"],
  ["delete from Threads where id = $1", "DELETE", "threads"],
  ["SELECT a, (SELECT 1 FROM inner_one) FROM outer_one", "SELECT", "outer_one"],
  ["select pg_advisory_xact_lock($1)", "SELECT", null],
  ["with x as (select 1 from a) insert into b select * from x", "INSERT", "b"],
  ["WITH x AS (SELECT 1 FROM a) SELECT * FROM b JOIN x ON true", "SELECT", "b"],
  ["with gone as (delete from a returning *) select * from gone", "DELETE", "a"],
  ["DO $tag$ insert into c $tag$", "DO", null],
  ["copy t (a) from stdin", "COPY", "t"],
  ["create table if not exists checkpoints (a int)", "CREATE", "checkpoints"],
  [
    "with x as (insert into a values (1) on conflict do update set b = 2 returning *) select 1 from x",
    "INSERT",
    "a",
  ],
  [
    "with x as (select 1) insert into a (b) select 1 on conflict (b) do update set b = 2",
    "INSERT",
    "a",
  ],
  ["with x as (select 1 from a for update skip locked) select * from x", "SELECT", "x"],
  ["with recursive x (n, m) as (values (1, 2)) update only s.t set n = 1 from x", "UPDATE", "t"],
  [
    "with x as materialized (select 1), y as (delete from a using b) select 1 from y",
    "DELETE",
    "a",
  ],
  ["select * from threads where id = $1 for update", "SELECT", "threads"],
  ["SELECT a FROM ONLY public.t FOR NO KEY UPDATE", "SELECT", "t"],
  ['select 1 from "Odd.Schema"."odd\'s -- table" t', "SELECT", "odd's -- table"],
  ["select extract(epoch from at) from t", "SELECT", "t"],
  ["select a is distinct from b from t", "SELECT", "t"],
  ["select * from jsonb_each_text($1)", "SELECT", null],
  ["select * from (select 1 from inner_one) x", "SELECT", "inner_one"],
  ["(select 1 from a) union (select 1 from b)", "SELECT", "a"],
  ["insert into db.public.t default values", "INSERT", "t"],
  ["INSERT INTO t (\"from\") VALUES (E'it\\'s; delete from y')", "INSERT", "t"],
  ["merge into only t using s on true when matched then delete", "MERGE", "t"],
  ["copy (select 1 from a) to stdout", "COPY", null],
  ["savepoint a", "SAVEPOINT", null],
  ["rollback to savepoint a", "ROLLBACK TO", null],
  ["rollback and chain", "ROLLBACK", null],
  ["/* /* nested */ select */ delete from t", "DELETE", "t"],
  ["alter table if exists only s.t add a int", "ALTER", "t"],
  ["create index on t (a)", "CREATE", null],
  ["lock table only t in share mode", "LOCK", "t"],
  ["truncate table a", "TRUNCATE", "a"],
  ["", "EMPTY", null],
])("%s", (sql, verb, table) => {
  expect(nameOf(sql)).toEqual({ verb, table });
});

test.each([
  ["one", "select 1", ["select 1"]],
  ["empty", " ; -- nothing\n;", []],
  [
    "several",
    "begin; insert into a values (';');\ncommit;",
    ["begin", "insert into a values (';')", "commit"],
  ],
  [
    "semicolons in strings and names",
    `select ';', $$;$$, E'\\';', ";" from a; select 2`,
    [`select ';', $$;$$, E'\\';', ";" from a`, "select 2"],
  ],
  [
    "semicolons in comments",
    "select /* ; /* ; */ ; */ 1 -- ;\n + 1",
    ["select /* ; /* ; */ ; */ 1 -- ;\n + 1"],
  ],
  [
    "semicolons in a function",
    "create function f() returns int begin atomic select case when true then 1 end; end; select f()",
    [
      "create function f() returns int begin atomic select case when true then 1 end; end",
      "select f()",
    ],
  ],
])("the statements of a query: %s", (_, sql, statements) => {
  expect(statementsIn(sql)).toEqual(statements);
});

test("an unclosed string, name or comment extends to the end", () => {
  for (const open of [
    "select 'it",
    "select E'it\\'",
    'select "it',
    "select $a$ $b$",
    "select /* it",
  ]) {
    expect(statementsIn(`${open}; select 2`)).toHaveLength(1);
    expect(nameOf(`${open}; delete from a`)).toEqual({ verb: "SELECT", table: null });
  }
});
