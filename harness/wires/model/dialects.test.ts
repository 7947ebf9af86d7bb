import {
  AIMessage,
  type BaseMessageLike,
  HumanMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { afterEach, describe, expect, test } from "vitest";
import { parsePoint } from "../../history/point.ts";
import { tokensIn } from "../../history/token.ts";
import type { Turn } from "../../history/turn.ts";
import { modelStage } from "../../../test/support/model-stage.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

async function stage() {
  const { open, turns, holds, sides, calls } = modelStage(opened);
  const say = (text: string, ...steps: string[]): Turn =>
    Object.assign(turns.open("c1"), { said: text, steps });
  const [{ url }, { url: other }] = [await open("a"), await open("b")];
  return { url, other, turns, holds, sides, calls, say };
}

/** A message on a thread, in no particular dialect. */
type Said =
  | { readonly user: string }
  | { readonly model: string }
  | { readonly asks: string; readonly id: string; readonly with: object }
  | { readonly result: string; readonly id: string };

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly asks: { readonly id: string; readonly name: string; readonly with: object } | null;
}

interface Dialect {
  readonly name: string;
  /** Sends all messages, and offers the tool "search". */
  ask(url: string, said: readonly Said[], options?: { stream?: boolean }): Promise<Answer>;
}

const schema = { type: "object", properties: { query: { type: "string" } } };
const search = { name: "search", description: "Searches.", parameters: schema };

function post(url: string, json: object, headers: object = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(json),
  });
}

/** LangChain's client for OpenAI, which most agents use. */
function openai(name: string, useResponsesApi: boolean): Dialect {
  const ask: Dialect["ask"] = async (url, said, { stream = false } = {}) => {
    const model = new ChatOpenAI({
      model: "gpt-4o-mini",
      apiKey: "x",
      maxRetries: 0,
      useResponsesApi,
      configuration: { baseURL: `${url}/v1` },
    }).bindTools([{ type: "function", function: search }]);
    try {
      const messages = said.map(langchainOf);
      const answer = stream ? await streamed(model.stream(messages)) : await model.invoke(messages);
      const [call] = answer.tool_calls ?? [];
      const asks = call === undefined ? null : { id: call.id ?? "", name: call.name };
      return { status: 200, text: answer.text, asks: asks && { ...asks, with: call?.args ?? {} } };
    } catch (error) {
      const { status, message } = error as { status: number; message: string };
      return { status, text: message, asks: null };
    }
  };
  return { name, ask };
}

async function streamed(stream: ReturnType<ChatOpenAI["stream"]>) {
  const chunks = await Array.fromAsync(await stream);
  expect(chunks.length).toBeGreaterThan(1);
  return chunks.reduce((all, chunk) => all.concat(chunk));
}

function langchainOf(it: Said): BaseMessageLike {
  if ("user" in it) return new HumanMessage(it.user);
  if ("model" in it) return new AIMessage(it.model);
  if ("result" in it) return new ToolMessage({ content: it.result, tool_call_id: it.id });
  const call = { id: it.id, name: it.asks, args: it.with as Record<string, unknown> };
  return new AIMessage({ content: "", tool_calls: [call] });
}

const anthropic: Dialect = {
  name: "Anthropic messages",
  async ask(url, said, { stream = false } = {}) {
    const tools = [{ name: search.name, description: "", input_schema: search.parameters }];
    const messages = said.map((it) => {
      if ("user" in it) return { role: "user", content: it.user };
      if ("model" in it) return { role: "assistant", content: [{ type: "text", text: it.model }] };
      if ("asks" in it) {
        const block = { type: "tool_use", id: it.id, name: it.asks, input: it.with };
        return { role: "assistant", content: [block] };
      }
      const block = { type: "tool_result", tool_use_id: it.id, content: it.result };
      return { role: "user", content: [block] };
    });
    const common = { model: "claude-sonnet-4-5", max_tokens: 100, system: "be kind", stream };
    const headers = { "x-api-key": "x", "anthropic-version": "2023-06-01" };
    const response = await post(`${url}/v1/messages`, { ...common, tools, messages }, headers);
    if (stream) return anthropicStream(await response.text());
    const body = (await response.json()) as {
      error?: { message: string };
      content?: { type: string; text?: string; id: string; name: string; input: object }[];
    };
    const call = body.content?.find(({ type }) => type === "tool_use");
    const text = body.content?.map((it) => it.text ?? "").join("") ?? body.error?.message ?? "";
    return { status: response.status, text, asks: call ? { ...call, with: call.input } : null };
  },
};

interface AnthropicEvent {
  readonly content_block?: { readonly type: string; readonly id: string; readonly name: string };
  readonly delta?: { readonly text?: string; readonly partial_json?: string };
}

function anthropicStream(text: string): Answer {
  const lines = text.split("\n").filter((line) => line.startsWith("data: "));
  const events = lines.map((line) => JSON.parse(line.slice(6)) as AnthropicEvent);
  const joined = (of: "text" | "partial_json") => events.map((it) => it.delta?.[of] ?? "").join("");
  const call = events.find((it) => it.content_block?.type === "tool_use")?.content_block;
  const asks = call && { ...call, with: JSON.parse(joined("partial_json")) as object };
  return { status: 200, text: joined("text"), asks: asks ?? null };
}

const gemini: Dialect = {
  name: "Gemini",
  async ask(url, said) {
    const contents = said.map((it) => {
      if ("user" in it) return { role: "user", parts: [{ text: it.user }] };
      if ("model" in it) return { role: "model", parts: [{ text: it.model }] };
      if ("asks" in it) {
        return { role: "model", parts: [{ functionCall: { name: it.asks, args: it.with } }] };
      }
      const response = { result: it.result };
      return { role: "user", parts: [{ functionResponse: { name: "search", response } }] };
    });
    const body = { contents, tools: [{ functionDeclarations: [search] }] };
    const answer = await post(`${url}/v1beta/models/gemini-2.5-flash:generateContent`, body);
    const { candidates } = (await answer.json()) as {
      candidates: {
        content: { parts: { text?: string; functionCall?: { name: string; args: object } }[] };
      }[];
    };
    const [part] = candidates[0]?.content.parts ?? [];
    const call = part?.functionCall;
    const asks = call === undefined ? null : { id: "", name: call.name, with: call.args };
    return { status: answer.status, text: part?.text ?? "", asks };
  },
};

const ollama: Dialect = {
  name: "Ollama",
  async ask(url, said) {
    const messages = said.map((it) => {
      if ("user" in it) return { role: "user", content: it.user };
      if ("model" in it) return { role: "assistant", content: it.model };
      if ("result" in it) return { role: "tool", content: it.result };
      const call = { function: { name: it.asks, arguments: it.with } };
      return { role: "assistant", content: "", tool_calls: [call] };
    });
    const tools = [{ type: "function", function: search }];
    const body = { model: "llama3", stream: false, tools, messages };
    const answer = await post(`${url}/api/chat`, body);
    const { message } = (await answer.json()) as {
      message: {
        content: string;
        tool_calls?: { function: { name: string; arguments: object } }[];
      };
    };
    const call = message.tool_calls?.[0]?.function;
    const asks = call === undefined ? null : { id: "", name: call.name, with: call.arguments };
    return { status: answer.status, text: message.content, asks };
  },
};

const chat = openai("OpenAI chat completions", false);
const responses = openai("OpenAI responses", true);
const strict = [chat, responses, anthropic];
const all = [...strict, gemini, ollama];

describe.each(all)("$name", ({ ask }) => {
  test("records the history in the prompt, and asks for a step before the reply", async () => {
    const { url, turns, calls, say } = await stage();
    const [first, second] = [say("a fact"), say("find it", "search")];
    const reply = turns.replyToken();
    const said: Said[] = [
      { user: `a fact [${first.token}]` },
      { model: `Noted. [${reply}]` },
      { user: `find it [${second.token}]` },
    ];
    const { asks } = await ask(url, said);
    expect(asks).toMatchObject({
      name: "search",
      with: { query: expect.stringMatching(/^item tps-\w{8}$/) },
    });
    const { id, with: given } = asks ?? { id: "", with: {} };
    said.push({ asks: "search", id, with: given }, { result: "done", id });
    const answer = await ask(url, said);
    expect([answer.asks, tokensIn(answer.text)]).toEqual([null, [expect.any(String)]]);
    expect(calls().map(({ turn, ordinal, list, malformed }) => [turn, ordinal, list, malformed]))
      // The same list twice: it never contains the turn's own token.
      .toEqual([1, 2].map((ordinal) => [second.name, ordinal, [first.token, reply], null]));
  });

  test("an answer can be held", async () => {
    const { url, holds, say } = await stage();
    const turn = say("a fact");
    const held = holds.hold(turn, parsePoint("model call 1"));
    let answered = false;
    const answer = ask(url, [{ user: `a fact [${turn.token}]` }]).then((it) => {
      answered = true;
      return it;
    });
    await held.reached();
    expect(answered).toBe(false);
    held[Symbol.dispose]();
    expect(tokensIn((await answer).text)).toHaveLength(1);
  });
});

describe.each(strict)("$name", ({ name, ask }) => {
  test("a streamed answer has the same content", async () => {
    const { url, say } = await stage();
    const turn = say("find it", "search");
    const said: Said[] = [{ user: `find it [${turn.token}]` }];
    const { asks } = await ask(url, said, { stream: true });
    expect(asks).toMatchObject({ name: "search", with: { query: expect.stringMatching(/^item/) } });
    const { id, with: given } = asks ?? { id: "", with: {} };
    said.push({ asks: "search", id, with: given }, { result: "done", id });
    expect(tokensIn((await ask(url, said, { stream: true })).text)).toHaveLength(1);
  });

  test("a tool call without its result, and a result without its call, are refused", async () => {
    const { url, calls, say } = await stage();
    const turn = say("a fact");
    const user = { user: `a fact [${turn.token}]` };
    const open: Said = { asks: "search", id: "call_x", with: {} };
    const words = {
      [chat.name]: ["did not have response messages: call_x", "must be a response to a preceding"],
      [responses.name]: ["No tool output found for function call call_x", "No tool call found for"],
      [anthropic.name]: ["without `tool_result` blocks immediately", "unexpected `tool_use_id`"],
    }[name];
    for (const [i, said] of [
      [user, open, { user: "hello?" }],
      [user, { result: "done", id: "call_x" }],
    ].entries()) {
      const refused = await ask(url, said);
      const why = expect.stringContaining(words?.[i] ?? "?") as string;
      expect(refused).toEqual({ status: 400, text: why, asks: null });
      expect(calls().at(-1)?.malformed).toEqual(why);
    }
  });
});

test("OpenAI responses continue a stored response on any replica", async () => {
  const { url, other, calls, say } = await stage();
  const [first, second] = [say("a fact"), say("another fact")];
  const ask = async (at: string, body: object) => {
    const answer = await post(`${at}/v1/responses`, { model: "gpt-4o", ...body });
    return { status: answer.status, body: (await answer.json()) as { id: string } };
  };
  const instructions = "be kind";
  const one = await ask(url, { instructions, input: `a fact [${first.token}]` });
  const previous_response_id = one.body.id;
  await ask(other, { input: `another fact [${second.token}]`, previous_response_id });
  expect(calls()[1]?.list).toEqual([first.token, expect.stringMatching(/^tpa-/)]);
  expect(calls()[1]?.transcript.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
  const unsaved = await ask(url, { input: "x", store: false });
  const lost = await ask(url, { input: "x", previous_response_id: unsaved.body.id });
  expect(lost).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringMatching(/^Previous response .* not found\.$/) } },
  });
});

test("an Anthropic user's text beside a tool result follows the result", async () => {
  const { url, calls, say } = await stage();
  const turn = say("a fact");
  const result = { type: "tool_result", tool_use_id: "x", content: "done" };
  const asks = { type: "tool_use", id: "x", name: "search", input: {} };
  await post(`${url}/v1/messages`, {
    model: "claude-sonnet-4-5",
    max_tokens: 10,
    messages: [
      { role: "user", content: "before" },
      { role: "assistant", content: [asks] },
      { role: "user", content: [result, { type: "text", text: `go on [${turn.token}]` }] },
    ],
  });
  expect(calls()).toMatchObject([{ turn: turn.name, malformed: null }]);
});

test.each(["", "/v1"])("each dialect works from the base URL %s", async (base) => {
  const { url, calls } = await stage();
  const messages = [{ role: "user", content: "hello" }];
  const sent: [string, object][] = [
    [base === "" ? "/v1/chat/completions" : "/chat/completions", { model: "m", messages }],
    ["/responses", { model: "m", input: "hello" }],
    ["/v1/messages", { model: "m", max_tokens: 1, messages }],
    ["/v1beta/models/m:generateContent", { contents: [] }],
    ["/api/chat", { model: "m", messages }],
    ["/v2/chat", { model: "m", messages }],
    ["/model/m/converse", { messages: [{ role: "user", content: [{ text: "hello" }] }] }],
  ];
  for (const [path, body] of sent) {
    const { status } = await post(url + base + path, body);
    expect([path, status]).toEqual([path, 200]);
  }
  expect(calls()).toHaveLength(sent.length);
});

test("an embedding is answered and not recorded as a model call", async () => {
  const { url, calls, say } = await stage();
  const input = `a fact [${say("a fact").token}]`;
  const response = await post(`${url}/v1/embeddings`, { model: "text-embedding-3-small", input });
  expect(await response.json()).toMatchObject({ data: [{ embedding: expect.any(Array) }] });
  expect(calls()).toEqual([]);
});

test("a reply has the requested form", async () => {
  const { url, say } = await stage();
  const fields = { next: { enum: ["search", "FINISH"] }, why: { type: "string" } };
  const form = { name: "route", schema: { type: "object", properties: fields } };
  const input = `go [${say("go").token}]`;
  const ask = { model: "m", messages: [{ role: "user", content: input }] };
  const asJson = { type: "json_schema", json_schema: form };
  const parsed = async (body: object, path: string) =>
    (await (await post(url + path, body)).json()) as { [key: string]: unknown };
  const { choices } = await parsed({ ...ask, response_format: asJson }, "/v1/chat/completions");
  const [{ message } = { message: { content: "" } }] = choices as {
    message: { content: string };
  }[];
  const route = { next: "FINISH", why: expect.stringMatching(/^Noted\. \[tpa-\w{8}\]$/) as string };
  expect(JSON.parse(message.content)).toEqual(route);
  const tools = [{ name: "route", input_schema: form.schema }];
  const forced = { max_tokens: 9, tools, tool_choice: { type: "tool", name: "route" } };
  const { content } = await parsed({ ...ask, ...forced }, "/v1/messages");
  expect(content).toMatchObject([{ type: "tool_use", name: "route", input: { next: "FINISH" } }]);
});

test.each([
  ["during a turn", false],
  ["after the reply", true],
])("a title call %s is learned from one turn and then ignored", async (_, late) => {
  const { url, sides, calls, say } = await stage();
  const of = (turn: Turn) => `${turn.said} [${turn.token}]`;
  const main = (turn: Turn) => chat.ask(url, [{ user: of(turn) }]);
  const title = (turn: Turn) => responses.ask(url, [{ user: `A title for 1 chat: ${of(turn)}` }]);
  const plain = (turn: Turn) => {
    const messages = [{ role: "user", content: `A title for 1 chat: ${of(turn)}` }];
    return post(`${url}/v1/chat/completions`, { model: "m", messages });
  };
  const [first, second] = [say("hello"), say("a fact")];
  if (!late) await plain(first);
  sides.learn(first, (await main(first)).text);
  first.settled = late;
  if (late) await plain(first);
  await plain(second);
  await main(second);
  await title(second);
  // A call that offers a tool may be a working agent, so it still counts.
  const own = [first, late ? null : first, null, second, second];
  expect(calls().map(({ turn }) => turn)).toEqual(own.map((turn) => turn?.name ?? null));
});
