import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { HumanMessage } from "@langchain/core/messages";
import { afterEach, expect, test } from "vitest";
import { openModel } from "./model.ts";
import { TurnFailure } from "./refusal.ts";
import { settingsOf } from "./settings.ts";

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Asks a model that answers like this; a failure in its own words. */
async function asked(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask = openModel(
    settingsOf({
      CHECKPOINTER: "memory",
      TOOLS_URL: "http://127.0.0.1:1",
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      MODEL_TIMEOUT_MS: "2000",
    }),
  );
  try {
    return (await ask([new HumanMessage("hello")], {})).text;
  } catch (error) {
    if (!(error instanceof TurnFailure)) throw error;
    expect([error.status, error.final]).toEqual([502, false]);
    return String(error.cause);
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
  expect(await asked(whole)).toBe("a reply");
});

test("one that keeps silent is given up, before its headers and after half of it", async () => {
  const late = "Error: it did not answer within 2000 ms";
  expect(await asked(() => {})).toBe(late);
  expect(await asked((_, response) => void response.write(chunk("a re")))).toBe(late);
});

test("one that breaks off is none, also where it ends as if that were all", async () => {
  const reset: RequestListener = (request, response) => {
    response.write(chunk("a re"), () => request.socket.resetAndDestroy());
  };
  expect(await asked(reset)).toMatch(/terminated/);
  const early: RequestListener = (_, response) => void response.end(chunk("a re"));
  expect(await asked(early)).toBe("Error: its answer broke off");
});

test("an error is not tried again", async () => {
  let calls = 0;
  const failing: RequestListener = (_, response) => {
    calls += 1;
    response.writeHead(500).end("{}");
  };
  expect(await asked(failing)).toMatch(/500/);
  expect(calls).toBe(1);
});
