import { expect, test } from "vitest";
import { tokenPattern, tokensIn } from "./token.ts";
import { random } from "./random.ts";
import { scriptAt, Turns } from "./turn.ts";

test("every token of a run is unique and has the fixed format", () => {
  const turns = new Turns(random(1), "run");
  const tokens = Array.from({ length: 2_000 }, () => {
    const turn = turns.open("c1");
    return [turn.token, turns.replyToken(), turns.stepToken({ turn, ordinal: 1 })];
  }).flat();
  expect(new Set(tokens).size).toBe(6_000);
  for (const token of tokens) expect(token.replace(tokenPattern, "")).toBe("");
});

test("a token shows its sort, and is found anywhere in a text", () => {
  const turns = new Turns(random(1), "run");
  const turn = turns.open("c1");
  const [reply, step] = [turns.replyToken(), turns.stepToken({ turn, ordinal: 1 })];
  const text = `"${turn.token}",${step};${reply}.${turn.token}x ${turn.token}`;
  expect(tokensIn(text)).toEqual([turn.token, reply, turn.token]);
  expect(tokensIn(text, "s")).toEqual([step]);
});

test("the same seed gives the same tokens, and another seed gives others", () => {
  const tokenOf = (seed: number) => new Turns(random(seed), "run").open("c1").token;
  expect(tokenOf(1)).toBe(tokenOf(1));
  expect(tokenOf(1)).not.toBe(tokenOf(2));
});

test("a turn and a step are each found by their token", () => {
  const turns = new Turns(random(1), "run");
  const [one, two] = [turns.open("c1"), turns.open("c2")];
  expect([turns.find(one.token), turns.find(two.token)]).toEqual([one, two]);
  const step = turns.stepToken({ turn: two, ordinal: 3 });
  expect(turns.step(step)).toEqual({ turn: two, ordinal: 3 });
  expect([turns.find(step), turns.step(one.token)]).toEqual([undefined, undefined]);
});

test("a turn's name is its token, and its unique request id does not contain the token", () => {
  const turns = new Turns(random(1), "run");
  const all = [turns.open("c1"), turns.open("c1"), turns.open("c2")];
  expect(all.map((it) => it.name)).toEqual(all.map((it) => it.token));
  expect(all.flatMap((it) => tokensIn(it.requestId))).toEqual([]);
  expect(all.map((it) => it.thread)).toEqual(["c1", "c1", "c2"]);
  expect(new Set(all.map((it) => it.requestId)).size).toBe(3);
});

test("the number of answered tools determines the next requests of a script", () => {
  const turn = new Turns(random(1), "run").open("c1");
  turn.steps = ["search", "search+book"];
  const [one, two, three] = [
    { tool: "search", ordinal: 1 },
    { tool: "search", ordinal: 2 },
    { tool: "book", ordinal: 3 },
  ];
  expect(scriptAt(turn, 0)).toEqual({ ordinal: 1, asks: [one] });
  expect(scriptAt(turn, 1)).toEqual({ ordinal: 2, asks: [two, three] });
  // A service that continues after one of two tools gets the other at the same position.
  expect(scriptAt(turn, 2)).toEqual({ ordinal: 2, asks: [three] });
  expect(scriptAt(turn, 3)).toEqual({ ordinal: 3, asks: [] });
  expect(scriptAt(turn, 4)).toEqual({ ordinal: 4, asks: [] });
});
