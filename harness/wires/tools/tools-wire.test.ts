import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { parsePoint } from "../../history/point.ts";
import type { Event } from "../../history/history.ts";
import { random } from "../../history/random.ts";
import { Turns } from "../../history/turn.ts";
import { loopback } from "../address.ts";
import { Holds } from "../hold.ts";
import { Ledger, openToolsWire } from "./tools-wire.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

/** Two replicas with a wire each, on one ledger. */
async function stage() {
  const entries: Event[] = [];
  const recorder = {
    record(event: Event) {
      entries.push(event);
      return { seq: entries.length, at: 0, ...event };
    },
  };
  const turns = new Turns(random(1), "run");
  const holds = new Holds(recorder, 10_000);
  const ledger = new Ledger();
  const open = async (replica: string) => {
    const wire = await openToolsWire({
      replica,
      ledger,
      turns,
      holds,
      recorder,
      address: loopback,
    });
    opened.push(wire);
    return wire.url;
  };
  const [a, b] = [await open("a"), await open("b")];
  const turn = turns.open("c1");
  const admitted = () => entries.flatMap((it) => (it.kind === "tool.answer" ? [it.admitted] : []));
  return { a, b, turn, turns, holds, entries, admitted };
}

async function call(url: string, tool: string, args: object, key?: string): Promise<string> {
  const response = await fetch(`${url}/${tool}`, {
    method: "POST",
    headers: key === undefined ? {} : { "idempotency-key": key },
    body: JSON.stringify(args),
  });
  expect(response.status).toBe(200);
  return response.text();
}

test("a call is recorded with its replica, turn, place in the script and key", async () => {
  const { a, turn, turns, entries } = await stage();
  const token = turns.stepToken({ turn, ordinal: 2 });
  expect(await call(a, "book", { what: `item ${token}` }, "k1")).toBe(`{"result":"done ${token}"}`);
  expect(entries).toEqual([
    {
      kind: "tool.call",
      call: "a/tool 1",
      replica: "a",
      tool: "book",
      turn: turn.name,
      ordinal: 2,
      key: "k1",
    },
    { kind: "tool.answer", call: "a/tool 1", admitted: true, status: 200 },
  ]);
});

test("a key takes effect once, on any replica, and later calls get the first answer", async () => {
  const { a, b, turn, turns, admitted } = await stage();
  const [one, two] = [1, 2].map((ordinal) => turns.stepToken({ turn, ordinal }));
  const first = await call(a, "book", { what: one }, "k1");
  expect(await call(b, "book", { what: two }, "k1")).toBe(first);
  expect(await call(a, "book", { what: one }, "k1")).toBe(first);
  expect(await call(a, "book", { what: two }, "k2")).not.toBe(first);
  expect(admitted()).toEqual([true, false, false, true]);
});

test("a call without a key always takes effect", async () => {
  const { a, admitted } = await stage();
  for (let i = 0; i < 3; i += 1) await call(a, "search", { what: "x" });
  expect(admitted()).toEqual([true, true, true]);
});

test("a call with a token that the model never sent belongs to no turn", async () => {
  const { a, entries } = await stage();
  expect(await call(a, "search", { what: "tps-00000000" }, "k")).toContain("done tps-00000000");
  expect(entries[0]).toMatchObject({ turn: null, ordinal: null });
});

test("a held call has taken effect, and gets its answer once it is released", async () => {
  const { a, turn, turns, holds, admitted } = await stage();
  const held = holds.hold(turn, parsePoint("book"));
  const token = turns.stepToken({ turn, ordinal: 1 });
  let isAnswered = false;
  const answer = call(a, "book", { what: token }, "k1").then((it) => {
    isAnswered = true;
    return it;
  });
  await held.reached();
  expect(admitted()).toEqual([true]);
  // A retry of the call gets its answer meanwhile.
  expect(await call(a, "book", { what: token }, "k1")).toContain("done");
  expect(isAnswered).toBe(false);
  held[Symbol.dispose]();
  expect(await answer).toBe(`{"result":"done ${token}"}`);
});

test("a call has no effect if its caller dies while the call is held before", async () => {
  const { a, turn, turns, holds, admitted } = await stage();
  const held = holds.hold(turn, parsePoint("before book 1"));
  const body = JSON.stringify({ what: turns.stepToken({ turn, ordinal: 1 }) });
  const { hostname, port } = new URL(a);
  const caller = connect(Number(port), hostname);
  caller.write(`POST /book HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  await held.reached();
  caller.destroy();
  await once(caller, "close");
  // After another caller's answer the wire has noticed the end of this caller.
  await call(a, "search", { what: "x" });
  held[Symbol.dispose]();
  await call(a, "search", { what: "y" });
  expect(admitted()).toEqual([true, true]);
});

test("the wire can close while a call is held", async () => {
  const { a, turn, turns, holds } = await stage();
  using held = holds.hold(turn, parsePoint("book"));
  const token = turns.stepToken({ turn, ordinal: 1 });
  const answer = call(a, "book", { what: token });
  answer.catch(() => {});
  await held.reached();
  for (const it of opened.splice(0)) await it[Symbol.asyncDispose]();
  await expect(answer).rejects.toThrow("fetch failed");
});
