import type { AIMessage, AIMessageChunk, BaseMessageLike } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { afterEach, describe, expect, test } from "vitest";
import { parsePoint } from "../../history/point.ts";
import { tokensIn } from "../../history/token.ts";
import { modelStage } from "../../../test/support/model-stage.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

async function stage() {
  const { open, turns, holds, calls, answers } = modelStage(opened);
  const wire = await open("a");
  const post = (messages: object[], more: object = {}) =>
    fetch(`${wire.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer unused" },
      body: JSON.stringify({ model: "gpt-4o-mini", messages, ...more }),
    });
  return { wire, turns, holds, post, calls, answers };
}

interface ToolCall {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

interface Message {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly ToolCall[];
}

async function messageOf(response: Response): Promise<Message> {
  expect(response.status).toBe(200);
  const { choices } = (await response.json()) as { choices: { message: Message }[] };
  const message = choices[0]?.message;
  if (message === undefined) throw new Error("a completion without a choice");
  return message;
}

const user = (text: string) => ({ role: "user", content: text });
const text = { type: "string" };
const search = toolOf("search", { query: text });
const book = toolOf("book", { what: text, seats: { type: "integer" }, now: { type: "boolean" } });

function toolOf(name: string, properties: object) {
  return { type: "function", function: { name, parameters: { type: "object", properties } } };
}

describe("the model's answer", () => {
  test("each reply has a new token", async () => {
    const { post, turns, calls, answers } = await stage();
    const turn = turns.open("c1");
    const replies: (string | null)[] = [];
    for (const _ of [1, 2]) {
      replies.push((await messageOf(await post([user(`a fact ${turn.token}`)]))).content);
    }
    const tokens = replies.flatMap((it) => tokensIn(it ?? ""));
    expect(tokens.map((it) => it.slice(0, 4))).toEqual(["tpa-", "tpa-"]);
    expect(new Set(tokens).size).toBe(2);
    expect(answers().map((it) => it.token)).toEqual(tokens);
    expect(calls().map((it) => [it.call, it.replica, it.turn])).toEqual([
      ["a/model 1", "a", turn.name],
      ["a/model 2", "a", turn.name],
    ]);
  });

  test("the model asks for the tools of the script one by one, and then replies", async () => {
    const { post, turns, calls, answers } = await stage();
    const turn = turns.open("c1");
    turn.steps = ["search", "book"];
    const messages: object[] = [user(`find and book ${turn.token}`)];
    const asked: unknown[] = [];
    for (let message = await say(); message.tool_calls !== undefined; message = await say()) {
      const [call] = message.tool_calls;
      asked.push([call?.function.name, JSON.parse(call?.function.arguments ?? "")]);
      messages.push({ role: "tool", tool_call_id: call?.id, content: "done" });
    }
    async function say(): Promise<Message> {
      const message = await messageOf(await post(messages, { tools: [search, book] }));
      messages.push(message);
      return message;
    }
    const item = expect.stringMatching(/^item tps-\w{8}$/);
    expect(asked).toEqual([
      ["search", { query: item }],
      ["book", { what: item, seats: 1, now: true }],
    ]);
    expect(calls().map((it) => it.ordinal)).toEqual([1, 2, 3]);
    expect(answers().map((it) => it.tools)).toEqual([["search"], ["book"], []]);
  });

  test("the model asks for parallel tools of the script, each with a separate token", async () => {
    const { post, turns, calls, answers } = await stage();
    const turn = turns.open("c1");
    turn.steps = ["search+book"];
    const both = await messageOf(await post([user(turn.token)], { tools: [search, book] }));
    const asked = (both.tool_calls ?? []).map((call) => {
      const [token = ""] = tokensIn(call.function.arguments, "s");
      return [call.function.name, turns.step(token)?.ordinal];
    });
    expect(asked).toEqual([
      ["search", 1],
      ["book", 2],
    ]);
    const done = (both.tool_calls ?? []).map(({ id }) => ({
      ...{ role: "tool", tool_call_id: id, content: "done" },
    }));
    const reply = await messageOf(await post([user(turn.token), both, ...done]));
    expect(reply.tool_calls).toBeUndefined();
    expect(calls().map((it) => it.ordinal)).toEqual([1, 2]);
    expect(answers().map((it) => it.tools)).toEqual([["search", "book"], []]);
  });

  test("the token of a tool call identifies its step", async () => {
    const { post, turns } = await stage();
    const turn = turns.open("c1");
    turn.steps = ["search"];
    const { tool_calls: calls } = await messageOf(
      await post([user(turn.token)], { tools: [search] }),
    );
    const [token = ""] = tokensIn(calls?.[0]?.function.arguments ?? "", "s");
    expect(turns.step(token)).toEqual({ turn, ordinal: 1 });
  });

  test("the model does not ask for a tool that the request does not offer", async () => {
    const { post, turns } = await stage();
    const turn = turns.open("c1");
    turn.steps = ["book"];
    for (const more of [{}, { tools: [search] }]) {
      const message = await messageOf(await post([user(turn.token)], more));
      expect([message.tool_calls, tokensIn(message.content ?? "")]).toEqual([
        undefined,
        [expect.any(String)],
      ]);
    }
  });

  test("a side call gets a fixed reply, and belongs to no turn", async () => {
    const { post, turns, holds, calls, answers } = await stage();
    const turn = turns.open("c1");
    turn.settled = true;
    using _held = holds.hold(turn, parsePoint("model call 1"));
    const message = await messageOf(await post([user(`A title for: ${turn.token}`)]));
    expect(message.content).toBe("Noted.");
    expect([calls()[0]?.turn, answers()[0]?.token]).toEqual([null, null]);
  });
});

describe("the model's prompt", () => {
  test("the transcript and the tokens of its history are recorded", async () => {
    const { post, turns, calls } = await stage();
    const [first, second] = [turns.open("c1"), turns.open("c1")];
    const reply = turns.replyToken();
    const parts = [{ type: "text", text: `and ${second.token}` }];
    await post([
      { role: "system", content: "be kind" },
      user(`a ${"long ".repeat(100)} fact ${first.token}`),
      { role: "assistant", content: `Noted. ${reply}` },
      { role: "user", content: parts },
    ]);
    const [call] = calls();
    expect(call).toMatchObject({ turn: second.name, list: [first.token, reply], malformed: null });
    expect(call?.transcript.map((it) => it.role)).toEqual(["system", "user", "assistant", "user"]);
    expect(Math.max(...(call?.transcript ?? []).map((it) => it.text.length))).toBe(120);
  });

  test("a transcript that a provider refuses gets 400, with the reason", async () => {
    const { post, turns, calls, answers } = await stage();
    const turn = turns.open("c1");
    const orphan = { id: "x", type: "function", function: { name: "search", arguments: "{}" } };
    const response = await post([
      user(turn.token),
      { role: "assistant", content: null, tool_calls: [orphan] },
      user("hello?"),
    ]);
    expect(response.status).toBe(400);
    const why = expect.stringContaining("did not have response messages: x");
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", message: why },
    });
    expect([calls()[0]?.malformed, answers()[0]?.status]).toEqual([why, 400]);
  });
});

describe("the moment of the answer", () => {
  test("a held call is recorded, and answered once it is released", async () => {
    const { post, turns, holds, calls, answers } = await stage();
    const turn = turns.open("c1");
    const held = holds.hold(turn, parsePoint("model call 1"));
    const answer = post([user(turn.token)]);
    await held.reached();
    expect([calls().length, answers().length]).toEqual([1, 0]);
    held[Symbol.dispose]();
    expect(tokensIn((await messageOf(await answer)).content ?? "")).toHaveLength(1);
  });

  test("a streamed answer has the same content in pieces", async () => {
    const { post, turns, answers } = await stage();
    const response = await post([user(turns.open("c1").token)], { stream: true });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const lines = (await response.text()).split("\n").filter((it) => it.startsWith("data: "));
    expect(lines.at(-1)).toBe("data: [DONE]");
    const pieces = lines.slice(0, -1).map((it) => JSON.parse(it.slice(6)) as Chunk);
    const content = pieces.map((it) => it.choices[0]?.delta.content ?? "").join("");
    expect(content).toBe(`Noted. [${answers()[0]?.token}]`);
  });

  test("the wire can close while an answer is held", async () => {
    const { wire, post, turns, holds } = await stage();
    const turn = turns.open("c1");
    using held = holds.hold(turn, parsePoint("model call 1"));
    const answer = post([user(turn.token)]);
    answer.catch(() => {});
    await held.reached();
    await wire[Symbol.asyncDispose]();
    opened.splice(0);
    await expect(answer).rejects.toThrow("fetch failed");
  });

  test.each(["invoke", "stream"] as const)(
    "LangChain's client accepts the answers: %s",
    async (how) => {
      const { wire, turns } = await stage();
      const turn = turns.open("c1");
      turn.steps = ["search"];
      const configuration = { baseURL: `${wire.url}/v1` };
      const model = new ChatOpenAI({ model: "gpt-4o-mini", apiKey: "x", configuration });
      const tooled = model.bindTools([search]);
      const ask = async (messages: BaseMessageLike[]): Promise<AIMessage> => {
        if (how === "invoke") return tooled.invoke(messages);
        const chunks: AIMessageChunk[] = [];
        for await (const chunk of await tooled.stream(messages)) chunks.push(chunk);
        expect(chunks.length).toBeGreaterThan(1);
        return chunks.reduce((all, chunk) => all.concat(chunk));
      };
      const asks = await ask([user(turn.token)]);
      expect(asks.tool_calls).toMatchObject([
        { name: "search", args: { query: expect.any(String) } },
      ]);
      const [call] = asks.tool_calls ?? [];
      const result = { role: "tool", tool_call_id: call?.id ?? "", content: "done" };
      const reply = await ask([user(turn.token), asks, result]);
      expect(tokensIn(reply.text)).toHaveLength(1);
    },
  );
});

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string | null } }[];
}
