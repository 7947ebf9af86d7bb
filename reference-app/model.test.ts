import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { HumanMessage } from "@langchain/core/messages";
import { MemorySaver } from "@langchain/langgraph-checkpoint";
import { afterEach, expect, test } from "vitest";
import { trustedClock } from "./clock.ts";
import { conversationOf } from "./conversation.ts";
import { agentGraph } from "./graph.ts";
import { openModel } from "./model.ts";
import { sentenceOf, TurnFailure } from "./refusal.ts";
import { settingsOf } from "./settings.ts";
import { RunControl } from "@langchain/langgraph";

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** The reply of a turn whose model answers like this, or the sentence of the failure. */
async function replyOf(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const settings = settingsOf({
    CHECKPOINTER: "memory",
    TOOLS_URL: "http://127.0.0.1:1",
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    MODEL_TIMEOUT_MS: "500",
  });
  const graph = agentGraph(openModel(settings, []), [], new MemorySaver());
  const conversation = conversationOf(graph, "thread", {
    clock: trustedClock,
    durability: "sync",
    signal: new AbortController().signal,
    control: new RunControl(),
  });
  try {
    return await conversation.run(new HumanMessage("hello"));
  } catch (error) {
    if (!(error instanceof TurnFailure)) throw error;
    expect([error.status, error.final]).toEqual([502, false]);
    return sentenceOf(error);
  }
}

const chunk = (content: string, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({
    object: "chat.completion.chunk",
    choices: [{ index: 0, finish_reason, delta: { role: "assistant", content } }],
  })}\n\n`;

test("a whole answer is the reply", async () => {
  const whole: RequestListener = (_, response) => {
    response.write(chunk("a re"));
    response.end(chunk("ply", "stop"));
  };
  expect(await replyOf(whole)).toBe("a reply");
});

test.each<[string, RequestListener]>([
  ["before its headers", () => {}],
  ["in the middle of its answer", (_, response) => void response.write(chunk("a re"))],
])("a model that stalls %s fails the turn when its time is over", async (_, stalls) => {
  let closed = false;
  const reply = await replyOf((request, response) => {
    response.once("close", () => (closed = true));
    stalls(request, response);
  });
  expect(reply).toBe("the model did not answer within 500 ms");
  await expect.poll(() => closed).toBe(true);
});

test("a broken answer is no reply, even if the stream ends normally", async () => {
  const reset: RequestListener = (request, response) => {
    response.write(chunk("a re"), () => request.socket.resetAndDestroy());
  };
  expect(await replyOf(reset)).toBe("the model failed: read ECONNRESET");
  const early: RequestListener = (_, response) => void response.end(chunk("a re"));
  expect(await replyOf(early)).toBe("the model failed: its answer broke off");
});

test("a failed call is not tried again", async () => {
  let calls = 0;
  const failing: RequestListener = (_, response) => {
    calls += 1;
    response.writeHead(500).end("{}");
  };
  expect(await replyOf(failing)).toMatch(/500/);
  expect(calls).toBe(1);
});
