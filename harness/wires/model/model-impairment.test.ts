import { afterEach, expect, test } from "vitest";
import { entriesOf } from "../../history/history.ts";
import type { Header } from "../../history/header.ts";
import { tokensIn } from "../../history/token.ts";
import { random } from "../../history/random.ts";
import { Recording } from "../../history/recording.ts";
import { Turns } from "../../history/turn.ts";
import { loopback } from "../address.ts";
import { Holds } from "../hold.ts";
import { type ModelImpairment, ModelImpairments } from "./model-impairment.ts";
import { openModelWire } from "./model-wire.ts";
import { PromptHabits } from "./prompt-habits.ts";
import { SideCalls } from "./side-calls.ts";
import { StoredResponses } from "./stored-responses.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it[Symbol.asyncDispose]();
});

/** A turn, and calls on an impaired model wire. */
async function stage(impairment: ModelImpairment, steps: readonly string[] = []) {
  const recorder = new Recording({} as Header, null);
  const turns = new Turns(random(1), "run");
  const impairments = new ModelImpairments();
  const wire = await openModelWire({
    ...{ replica: "a", recorder, turns, impairments, address: loopback },
    holds: new Holds(recorder, 10_000),
    sides: new SideCalls(),
    habits: new PromptHabits(),
    stored: new StoredResponses(),
  });
  opened.push(wire);
  const turn = Object.assign(turns.open("c1"), { steps });
  const held = impairments.impair(impairment);
  const ask = (more: object = {}, signal: AbortSignal | null = null): Promise<Response> =>
    fetch(`${wire.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "gpt-4o-mini",
        messages: [{ role: "user", content: `hello ${turn.token}` }],
        ...more,
      }),
      signal,
    });
  const embed = (): Promise<Response> =>
    fetch(`${wire.url}/v1/embeddings`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "text-embedding-3-small", input: "hello" }),
    });
  return { ask, embed, held, answers: () => entriesOf(recorder, "model.answer") };
}

const streamed = { stream: true };

/** The part of a body that arrives before it ends or breaks off. */
async function partOf(response: Response): Promise<{ part: string; broken: boolean }> {
  const decoder = new TextDecoder();
  let part = "";
  try {
    const chunks = (response.body ?? []) as AsyncIterable<Uint8Array>;
    for await (const chunk of chunks) part += decoder.decode(chunk, { stream: true });
    return { part, broken: false };
  } catch {
    return { part, broken: true };
  }
}

/** The text of the events of a stream. */
function contentOf(part: string): string {
  return [...part.matchAll(/"content":"([^"]*)"/g)].map(([, text = ""]) => text).join("");
}

test("an error status replaces the reply, and 429 has Retry-After", async () => {
  const { ask, held, answers } = await stage({ kind: "status", status: 429 });
  const refused = await ask();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  expect(await refused.json()).toMatchObject({ error: { message: expect.any(String) } });
  expect(held.met()).toBe(1);
  held[Symbol.dispose]();
  expect((await ask()).status).toBe(200);
  expect(answers()).toMatchObject([{ status: 429, token: null }, { status: 200 }]);
  expect(answers()[1]?.token).toMatch(/^tpa-/);
});

test("impairs replies, but not the tool calls of the script", async () => {
  const { ask, held } = await stage({ kind: "status", status: 500 }, ["search"]);
  const search = { type: "function", function: { name: "search", parameters: {} } };
  expect([(await ask({ tools: [search] })).status, held.met()]).toEqual([200, 0]);
  expect([(await ask()).status, held.met()]).toEqual([500, 1]);
});

test.each([{}, streamed])("a cut reply breaks off in the middle: %j", async (more) => {
  const { ask, held, answers } = await stage({ kind: "cut" });
  const { part, broken } = await partOf(await ask(more));
  expect([broken, held.met(), tokensIn(part)]).toEqual([true, 1, []]);
  expect(answers()).toMatchObject([{ status: 200, token: null }]);
  expect(answers()[0]?.brokeOff).toMatch(/^Noted\. \[tpa-/);
});

test("a short reply ends regularly after a whole event", async () => {
  const { ask, answers } = await stage({ kind: "short" });
  const { part, broken } = await partOf(await ask(streamed));
  expect([broken, part.endsWith("\n\n"), part.includes("[DONE]")]).toEqual([false, true, false]);
  const content = contentOf(part);
  expect(answers()[0]?.brokeOff?.startsWith(content)).toBe(true);
  expect(content.length).toBeGreaterThan(4);
  expect(tokensIn(content)).toEqual([]);
  const json = await partOf(await ask());
  expect(json.broken).toBe(false);
  expect(() => JSON.parse(json.part) as unknown).toThrow(SyntaxError);
});

test("a stalled reply completes once healed", async () => {
  const { ask, held } = await stage({ kind: "stall" });
  const response = await ask(streamed);
  const body = response.body as ReadableStream<Uint8Array> | null;
  const reader = body?.getReader();
  const first = await reader?.read();
  expect(contentOf(new TextDecoder().decode(first?.value))).toMatch(/^Note/);
  const rest = reader?.read();
  const sooner = await Promise.race([rest, new Promise((it) => setTimeout(it, 100, "nothing"))]);
  expect(sooner).toBe("nothing");
  held[Symbol.dispose]();
  expect(new TextDecoder().decode((await rest)?.value)).toMatch(/\[DONE\]/);
});

test("a silent model, once healed, answers only the clients that still wait", async () => {
  const { ask, embed, held, answers } = await stage({ kind: "silence" });
  const gone = new AbortController();
  const left = ask({}, gone.signal).catch(() => "left");
  // One after the other, because calls are numbered as they arrive.
  await expect.poll(() => held.met(), { interval: 5 }).toBe(1);
  const waiting = ask();
  await expect.poll(() => held.met(), { interval: 5 }).toBe(2);
  gone.abort();
  await left;
  // After the answers to later requests the wire has noticed that the client is gone.
  for (let i = 0; i < 3; i += 1) await (await embed()).text();
  expect(answers()).toEqual([]);
  held[Symbol.dispose]();
  expect((await waiting).status).toBe(200);
  expect(answers()).toMatchObject([{ call: "a/model 2", token: expect.any(String) }]);
});
