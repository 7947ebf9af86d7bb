import { expect, test } from "vitest";
import { bootsTogether } from "./boots-together.ts";
import { handWritten } from "../../test/support/hand-written.ts";

type HandWritten = ReturnType<typeof handWritten>;

const race =
  'error: duplicate key value violates unique constraint "pg_type_typname_nsp_index" (23505)';

/** One boot: each replica's last word, or null where it becomes ready. */
function boot(history: HandWritten, number: number, words: Record<string, string | null>) {
  for (const replica of Object.keys(words)) {
    history.entry({ kind: "replica.start", replica, pid: 1, boot: number, changed: [] });
  }
  for (const [replica, word] of Object.entries(words)) {
    if (word === null) history.entry({ kind: "replica.ready", replica, afterMs: 90 });
    else dies(history, replica, word).entry({ kind: "replica.unready", replica, why: word });
  }
  return history;
}

function dies(history: HandWritten, replica: string, line: string): HandWritten {
  const how = { pid: 1, code: 1, signal: null, asked: false, lastLines: [line, ""] };
  return history.entry({ kind: "replica.exit", replica, ...how });
}

const empty = () => handWritten({ replicas: [] });

test("boots in which all replicas become ready hold", () => {
  const first = boot(empty(), 0, { a: null, b: null }).exit("a").exit("b");
  const history = boot(first, 1, { a: null, b: null }).history();
  expect(bootsTogether.judge(history)).toEqual({ kind: "holds", checked: 2 });
});

test("a replica that loses the race for the tables is a setup race, counted over the boots", () => {
  const first = boot(empty(), 0, { a: null, b: race });
  const history = boot(first, 1, { a: null, b: null }).history();
  expect(bootsTogether.judge(history)).toMatchObject({
    kind: "violated",
    diagnoses: [
      {
        kind: "setup-race",
        because: `1 of 2 boots failed; in boot 0 replica b ended with code 1: ${race}`,
      },
    ],
  });
});

test("a replica that hangs with the race in its log has lost it too", () => {
  const history = empty()
    .entry({ kind: "replica.start", replica: "a", pid: 1, boot: 0, changed: [] })
    .entry({ kind: "replica.unready", replica: "a", why: 'relation "x" already exists' });
  expect(bootsTogether.judge(history.history())).toMatchObject({
    diagnoses: [{ kind: "setup-race", because: expect.stringMatching(/did not become ready/) }],
  });
});

test("any other failure is a failed boot, and one next to a race belongs to the race", () => {
  const other = boot(empty(), 0, { a: null, b: "Error: Cannot find module" });
  expect(bootsTogether.judge(other.history())).toMatchObject({
    diagnoses: [{ kind: "failed-boot", because: expect.stringMatching(/Cannot find module/) }],
  });
  const verdict = bootsTogether.judge(
    boot(empty(), 0, { a: "connection reset", b: race }).history(),
  );
  expect(verdict.kind === "violated" && verdict.diagnoses.map(({ kind }) => kind)).toEqual([
    "setup-race",
  ]);
});

test("an exit after ready is a failed boot, unless the harness caused it", () => {
  const died = dies(boot(empty(), 0, { a: null, b: null }), "a", "boom");
  expect(bootsTogether.judge(died.history())).toMatchObject({
    diagnoses: [{ kind: "failed-boot" }],
  });
});

test("fifty failed boots are one diagnosis with bounded evidence", () => {
  const history = empty();
  for (let number = 0; number < 50; number++) boot(history, number, { a: null, b: race });
  const verdict = bootsTogether.judge(history.history());
  expect(verdict).toMatchObject({
    diagnoses: [{ because: expect.stringMatching(/^50 of 50 boots failed/) }],
  });
  expect(verdict.kind === "violated" && verdict.evidence.length).toBe(12);
});

test("no boot, boots alone and boots of unknown end are nothing to judge", () => {
  const inconclusive = { kind: "inconclusive" };
  expect(bootsTogether.judge(empty().history())).toMatchObject(inconclusive);
  expect(bootsTogether.judge(boot(empty(), 0, { a: null }).history())).toMatchObject(inconclusive);
  const open = boot(empty(), 0, { a: null }).entry({
    kind: "replica.start",
    replica: "b",
    pid: 1,
    boot: 0,
    changed: [],
  });
  expect(bootsTogether.judge(open.history())).toMatchObject(inconclusive);
});

test("the control boots one replica alone, and may hold", () => {
  const alone = handWritten({ replicas: [], experiment: "one replica" });
  expect(bootsTogether.judge(boot(alone, 0, { a: null }).history())).toEqual({
    kind: "holds",
    checked: 1,
  });
});
