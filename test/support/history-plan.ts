/** All choices of a random history as data, so that fast-check shrinks each by itself. */
import fc from "fast-check";
import { corruption, sometimes } from "./corrupt-history.ts";

const replica = fc.constantFrom("a", "b");

const attempt = fc.record({
  replica,
  refused: sometimes(15),
  /** The replica dies before it saves. */
  dies: sometimes(15),
  /** Steps until the client gives up; null: it waits for the reply. */
  patience: fc.oneof(
    { weight: 65, arbitrary: fc.constant(null) },
    { weight: 35, arbitrary: fc.nat({ max: 5 }) },
  ),
  /** The service starts from a stale list. */
  startsStale: sometimes(30),
  /** The reply shows the list and a stale one. */
  shows: sometimes(40),
  showsStale: sometimes(30),
  /** The connection breaks before the reply. */
  reset: sometimes(10),
});

const read = fc.record({
  replica,
  slow: sometimes(30),
  stale: sometimes(30),
  /** The list ends with a message in flight. */
  dirty: sometimes(30),
  timesOut: sometimes(10),
});

const operation = fc.oneof(
  { weight: 65, arbitrary: fc.array(attempt, { minLength: 1, maxLength: 3 }) },
  { weight: 35, arbitrary: read },
);

/**
 * How the simulated service keeps its list. The one that puts new turns first is only read at the
 * end: earlier lists would disagree with it, and the order of a client's turns would not matter.
 */
const service = fc.constantFrom(
  ...(["exact", "exact", "exact", "exact", "exact", "lagging", "lagging"] as const),
  ...(["forgetful", "forgetful", "twice", "twice", "backwards"] as const),
);

export const historyPlan = fc.record({
  service,
  /** The turns, each with the number of its client. */
  operations: fc.array(fc.tuple(fc.nat({ max: 3 }), operation), { maxLength: 8 }),
  /** The tasks that take the next steps, counted from the newest. Afterwards the newest does. */
  schedule: fc.array(fc.nat({ max: 59 }), { maxLength: 200, size: "max" }),
  readsAtEnd: sometimes(50),
  finalReads: fc.record({ a: read, b: read }),
  otherThread: sometimes(30),
  withoutCalls: sometimes(30),
  corruptions: fc.oneof(
    { withCrossShrink: true },
    fc.constant([]),
    fc.array(corruption, { minLength: 1, maxLength: 3 }),
  ),
});

type Generated<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

export type HistoryPlan = Generated<typeof historyPlan>;
export type AttemptPlan = Generated<typeof attempt>;
export type ReadPlan = Generated<typeof read>;
