import { describe, expect, test } from "vitest";
import { random } from "../../history/random.ts";
import { type Turn, Turns } from "../../history/turn.ts";
import { readTranscript } from "./transcript.ts";
import { type Message } from "./message.ts";

const turns = new Turns(random(1), "run");

/** A turn with its own token, and one for its reply. */
function turnOf(thread = "c1"): Turn & { said: Message; replied: Message; reply: string } {
  const turn = turns.open(thread);
  const reply = turns.replyToken();
  const said = user(`a fact [${turn.token}]`);
  return Object.assign(turn, { reply, said, replied: assistant(`Noted. [${reply}]`) });
}

const user = (text: string): Message => ({ role: "user", text, asks: [], answers: null });
const system = (text: string): Message => ({ role: "system", text, asks: [], answers: null });
const assistant = (text: string): Message => ({ role: "assistant", text, asks: [], answers: null });
const calls = (...asks: string[]): Message => ({
  role: "assistant",
  text: "",
  asks,
  answers: null,
});
const answers = (id: string): Message => ({ role: "tool", text: "done", asks: [], answers: id });

const read = (...messages: Message[]) => readTranscript(messages, turns);

describe("the turn of a model call", () => {
  test("is that of the newest user message; the messages before it are the history", () => {
    const [first, second] = [turnOf(), turnOf()];
    expect(read(system("be kind"), first.said, first.replied, second.said)).toEqual({
      turn: second,
      ordinal: 1,
      asks: [],
      list: [first.token, first.reply],
      system: [],
      repeats: 0,
      newestFirst: false,
      malformed: null,
    });
  });

  test("does not count its own token as history", () => {
    const turn = turnOf();
    expect(read(turn.said)).toMatchObject({ turn, list: [] });
  });

  test("is found in a history that was flattened into one message", () => {
    const [first, second] = [turnOf(), turnOf()];
    const flat = `User: ${first.said.text}\nAI: ${first.replied.text}\nUser: ${second.said.text}`;
    expect(read(user(flat))).toMatchObject({
      turn: second,
      ordinal: 1,
      list: [first.token, first.reply],
    });
  });

  test("is null for a prompt that ends with an acknowledged turn: a side call", () => {
    const turn = turnOf();
    turn.settled = true;
    expect(read(turn.said, user("Give this a title."))).toMatchObject({ turn: null, list: [] });
  });

  test("is null for a prompt without a known token: a side call", () => {
    expect(read(system("be kind"), user("hello"))).toMatchObject({ turn: null, list: [] });
    expect(read(user("hello [tpq-00000000]"))).toMatchObject({ turn: null, list: [] });
  });

  test("may be a resumed turn whose outcome was unknown", () => {
    const left = turnOf();
    const reading = read(left.said, calls("x"), answers("x"));
    expect(reading).toMatchObject({ turn: left, ordinal: 2, list: [] });
  });

  test("has an earlier turn with an unknown outcome in its history", () => {
    const [left, next] = [turnOf(), turnOf()];
    expect(read(left.said, next.said)).toMatchObject({ turn: next, list: [left.token] });
  });

  test("has a history without the tokens of tool steps", () => {
    const [first, second] = [turnOf(), turnOf()];
    const step = turns.stepToken({ turn: first, ordinal: 1 });
    const done = { ...answers("x"), text: `done ${step}` };
    const { list } = read(first.said, calls("x"), done, first.replied, second.said);
    expect(list).toEqual([first.token, first.reply]);
  });
});

describe("the place in a turn's script", () => {
  test("is one more than the number of answered tools, however often it is read", () => {
    const turn = turnOf();
    const one = [turn.said, calls("x"), answers("x")];
    const two = [...one, calls("y"), answers("y")];
    const ordinals = [[turn.said], one, two, one, [turn.said]].map((it) => read(...it).ordinal);
    expect(ordinals).toEqual([1, 2, 3, 2, 1]);
  });

  test("ignores the tools of earlier turns", () => {
    const [first, second] = [turnOf(), turnOf()];
    const before = [first.said, calls("x"), answers("x"), first.replied];
    expect(read(...before, second.said).ordinal).toBe(1);
    expect(read(...before, second.said, calls("y"), answers("y")).ordinal).toBe(2);
  });

  test("counts each parallel tool call", () => {
    const turn = turnOf();
    const reading = read(turn.said, calls("x", "y"), answers("y"), answers("x"));
    expect(reading).toMatchObject({ ordinal: 3, malformed: null });
  });

  test("counts each of the ledger's answers once in a flattened history", () => {
    const turn = turnOf();
    const step = turns.stepToken({ turn, ordinal: 1 });
    const flat = `${turn.said.text}\nTool: done ${step}\n(so: done ${step})`;
    expect(read(user(flat)).ordinal).toBe(2);
  });
});

describe("a transcript that a real provider refuses", () => {
  const turn = turnOf();

  test.each([
    ["at the end", [turn.said, calls("x")], "x"],
    ["before another message", [turn.said, calls("x"), user("hello"), answers("x")], "x"],
    ["one of two", [turn.said, calls("x", "y"), answers("x")], "y"],
  ])("a tool call without its result: %s", (_, messages, open) => {
    expect(read(...messages).malformed).toBe(
      "An assistant message with 'tool_calls' must be followed by tool messages responding to " +
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: " +
        open,
    );
  });

  test.each([
    ["no call at all", [turn.said, answers("x")]],
    ["another call", [turn.said, calls("y"), answers("y"), answers("x")]],
    ["a call before the last message", [calls("x"), answers("x"), turn.said, answers("x")]],
    ["nothing before it", [answers("x"), turn.said]],
  ])("a tool result that answers %s", (_, messages) => {
    expect(read(...messages).malformed).toBe(
      "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
    );
  });

  test("is malformed only if a call has no result, in side calls too", () => {
    const good = [turn.said, calls("x"), answers("x"), calls("y", "z"), answers("z"), answers("y")];
    expect(read(...good).malformed).toBeNull();
    expect(read(calls("x")).malformed).toEqual(expect.stringContaining("x"));
  });
});
