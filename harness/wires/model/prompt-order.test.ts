import { describe, expect, test } from "vitest";
import { tokensIn } from "../../history/token.ts";
import { random } from "../../history/random.ts";
import { Turns } from "../../history/turn.ts";
import type { Message } from "./message.ts";
import { PromptHabits } from "./prompt-habits.ts";
import { readTranscript } from "./transcript.ts";

/** One thread whose first turns were acknowledged; the last one is in flight. */
function talk({ turns: count, thread = "c1", of = new Turns(random(1), "run") }: Talk) {
  const told = Array.from({ length: count }, (_, i) => {
    const turn = of.open(thread, i + 1);
    const flight = of.fly(turn);
    if (i + 1 < count) {
      turn.settled = true;
      flight[Symbol.dispose]();
    }
    const reply = of.replyToken(turn);
    const [q, a] = [said("user", turn.token), said("assistant", reply)];
    return { turn, q, a, land: () => flight[Symbol.dispose]() };
  });
  const [one, two, three, four] = told;
  if (!one || !two || !three || !four) throw new Error("a talk has four turns or more");
  const tokens = (...messages: Message[]) => messages.flatMap(({ text }) => tokensIn(text));
  const read = (messages: Message[], habits?: PromptHabits) =>
    readTranscript(messages, of, "chat", habits);
  return { of, one, two, three, four, tokens, read };
}

interface Talk {
  readonly turns: number;
  readonly thread?: string;
  readonly of?: Turns;
}

function said(role: string, ...tokens: string[]): Message {
  const text = tokens.map((token) => `a fact [${token}]`).join("; ");
  return { role, text, asks: [], answers: null };
}

const newestFirst = new PromptHabits({ promptOrder: "newest first", historyInSystem: false });
const usual = new PromptHabits({ promptOrder: "oldest first", historyInSystem: false });

describe("a prompt with the newest message first", () => {
  test("belongs to its first message, and its list is turned round", () => {
    const { one, two, three, four, tokens, read } = talk({ turns: 4 });
    const list = tokens(one.q, one.a, two.q, two.a, three.q, three.a);
    const expected = { turn: four.turn, list, newestFirst: true, repeats: 0 };
    expect(read([four.q, three.a, three.q, two.a, two.q, one.a, one.q])).toMatchObject(expected);
    // The replies may follow their messages.
    expect(read([four.q, three.q, three.a, two.q, two.a, one.q, one.a])).toMatchObject(expected);
    // The message may be repeated as the question.
    expect(read([four.q, three.a, three.q, two.a, two.q, one.a, one.q, four.q])).toMatchObject({
      ...expected,
      repeats: 1,
    });
  });

  test("is known by two turns, if the older one is over", () => {
    const { three, four, tokens, read } = talk({ turns: 4 });
    const list = tokens(three.q, three.a);
    expect(read([four.q, three.a, three.q])).toMatchObject({
      turn: four.turn,
      list,
      newestFirst: true,
    });
  });

  test("is no such prompt if the last message is in flight: two turns overlap", () => {
    const { of, three, four, tokens, read } = talk({ turns: 4 });
    three.turn.settled = false;
    using _ = of.fly(three.turn);
    const prompt = [four.q, three.q];
    const expected = { turn: three.turn, list: tokens(four.q), newestFirst: false };
    expect(read(prompt)).toMatchObject(expected);
    expect(read(prompt, newestFirst)).toMatchObject({ turn: four.turn, list: tokens(three.q) });
  });

  test("may be that of a turn which is resumed", () => {
    const { one, two, three, four, tokens, read } = talk({ turns: 4 });
    four.land();
    const expected = { turn: four.turn, list: tokens(one.q, two.q, three.q), newestFirst: true };
    expect(read([four.q, three.q, two.q, one.q])).toMatchObject(expected);
  });

  test("is no such prompt if a turn is resumed behind one that was acknowledged", () => {
    const { three, four, tokens, read } = talk({ turns: 4 });
    four.turn.settled = true;
    four.land();
    three.turn.settled = false;
    const expected = { turn: three.turn, list: tokens(four.q), newestFirst: false };
    expect(read([four.q, three.q])).toMatchObject(expected);
  });

  test("has a script that counts the tools of the turn, wherever they are", () => {
    const { of, one, two, three, four, read } = talk({ turns: 4 });
    const tool = (token: string): Message[] => [
      { role: "tool", text: `done ${token}`, asks: [], answers: `call_${token}` },
      { role: "assistant", text: "", asks: [`call_${token}`], answers: null },
    ];
    four.turn.steps = ["search", "book"];
    const own = tool(of.stepToken({ turn: four.turn, ordinal: 1 }));
    const earlier = tool(of.stepToken({ turn: two.turn, ordinal: 1 }));
    const prompt = [...own, four.q, three.q, ...earlier, two.q, one.q];
    expect(read(prompt)).toMatchObject({ turn: four.turn, ordinal: 2, newestFirst: true });
  });
});

describe("a prompt in another order", () => {
  test("belongs to the turn in flight, and its list shows the order", () => {
    const { one, two, three, four, tokens, read } = talk({ turns: 4 });
    expect(read([four.q, one.q, three.q, two.q])).toMatchObject({
      turn: four.turn,
      list: tokens(four.q, one.q, three.q, two.q),
      newestFirst: false,
    });
  });

  test("is a side call if only an older turn is in flight", () => {
    const { of, one, two, three, four, read } = talk({ turns: 4 });
    four.land();
    two.turn.settled = false;
    using _ = of.fly(two.turn);
    expect(read([one.q, two.q, three.q])).toMatchObject({ turn: null, after: three.turn });
  });

  test("keeps what was retrieved behind the question", () => {
    const mine = talk({ turns: 4 });
    const other = talk({ turns: 4, thread: "c2", of: mine.of });
    other.four.turn.settled = true;
    other.four.land();
    const { one, four, tokens, read } = mine;
    expect(read([one.q, one.a, four.q, other.four.q])).toMatchObject({
      turn: four.turn,
      list: tokens(one.q, one.a, other.four.q),
    });
  });
});

describe("tokens in system messages", () => {
  test("are no part of the list, and do not decide whose call it is", () => {
    const mine = talk({ turns: 4 });
    const other = talk({ turns: 4, thread: "c2", of: mine.of });
    const { one, two, three, four, tokens, read } = mine;
    const notes = said("system", ...tokens(one.q, four.q, other.four.q, other.one.q));
    const prompt = [notes, one.q, one.a, two.q, two.a, three.q, three.a, four.q];
    expect(read(prompt)).toMatchObject({
      turn: four.turn,
      list: tokens(one.q, one.a, two.q, two.a, three.q, three.a),
      system: tokens(one.q, other.four.q, other.one.q),
    });
    expect(read([four.q, { ...notes, role: "developer" }])).toMatchObject({ turn: four.turn });
  });

  test("are the list if the history is only there", () => {
    const { one, two, three, four, tokens, read } = talk({ turns: 4 });
    const history = said("system", ...tokens(one.q, one.a, two.q, two.a, three.q, three.a));
    const list = tokens(one.q, one.a, two.q, two.a, three.q, three.a);
    expect(read([history, four.q])).toMatchObject({ turn: four.turn, list, system: [] });
    expect(read([history, four.q], usual)).toMatchObject({ list: [], system: list });
    // Everything is in one system message.
    const whole = said("system", ...list, four.turn.token);
    expect(read([whole])).toMatchObject({ turn: four.turn, list, system: [] });
  });

  test("are no list once another prompt showed the history in other messages", () => {
    const { one, two, three, four, tokens, read } = talk({ turns: 4 });
    const habits = new PromptHabits();
    read([one.q, two.q, three.q, four.q], habits);
    const notes = said("system", ...tokens(one.q, two.q, three.q));
    expect(read([notes, four.q], habits)).toMatchObject({ list: [], system: tokens(notes) });
  });

  test("are the list if the baseline found so", () => {
    const { one, two, three, four, tokens, read } = talk({ turns: 4 });
    const habits = new PromptHabits({ promptOrder: "oldest first", historyInSystem: true });
    const notes = said("system", ...tokens(one.q, two.q));
    expect(read([notes, three.q, four.q], habits)).toMatchObject({
      list: tokens(one.q, two.q, three.q),
      system: [],
    });
  });
});

describe("a message with several user tokens", () => {
  test("does not repeat turns that other messages show", () => {
    const { one, two, three, four, tokens, read } = talk({ turns: 4 });
    const summary = said("user", ...tokens(one.q, two.q, two.a));
    expect(read([summary, two.q, two.a, three.q, four.q])).toMatchObject({
      turn: four.turn,
      list: tokens(one.q, two.q, two.a, three.q),
    });
    // A message that is there twice by itself was saved twice.
    const twice = [two.q, two.q, four.q];
    expect(read(twice)).toMatchObject({ list: tokens(two.q, two.q) });
  });
});

test("the message of the turn is counted in the history and as the question", () => {
  const { three, four, read, tokens } = talk({ turns: 4 });
  const prompt = [three.q, three.a, four.q, four.q];
  expect(read(prompt)).toMatchObject({ list: tokens(three.q, three.a), repeats: 1 });
});
