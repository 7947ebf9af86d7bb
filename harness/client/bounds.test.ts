/** However bad a service is, the client waits no longer and reads no more than its limits. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { type Answering, SmallService } from "../../test/support/small-service.ts";

const reply = {
  kind: "events" as const,
  text: "$.text",
  done: [{ event: "done" }],
  failed: [{ event: "error" }],
};
const noted = 'data: {"text": "Noted."}\n\n';
const done = "event: done\ndata: {}\n\n";

/** Writes texts in order, waits at numbers (milliseconds), and leaves the response open. */
function writes(...pieces: readonly (string | number)[]): Answering {
  return async (_, response) => {
    response.writeHead(200);
    for (const piece of pieces) {
      if (typeof piece === "number") await new Promise((resolve) => setTimeout(resolve, piece));
      else response.write(piece);
    }
  };
}

test("a stream that is never closed ends with its done event", async () => {
  await using service = await SmallService.open(writes(noted, done));
  const user = service.user({ say: { post: "/say", reply } });
  expect(await user.say()).toEqual({ kind: "ok", reply: "Noted." });
});

test("an error after the done event counts while the stream stays open", async () => {
  const error = 'event: error\ndata: "not saved"\n\n';
  await using service = await SmallService.open(writes(noted, done, 50, error));
  const user = service.user({ say: { post: "/say", reply: { ...reply, lingerMs: 10_000 } } });
  expect(await user.say()).toMatchObject({
    kind: "unknown",
    why: expect.stringContaining("not saved"),
  });
});

test("a stream without events for idleMs is broken, whatever the turn's timeout", async () => {
  await using service = await SmallService.open(writes(noted, ": ping\n\n"));
  const user = service.user({ say: { post: "/say", reply: { ...reply, idleMs: 50 } } });
  expect(await user.say()).toEqual({ kind: "unknown", why: "no event in the stream for 50 ms" });
});

test("the client leaves an endless stream at the turn's timeout", async () => {
  const gone = Promise.withResolvers<void>();
  await using service = await SmallService.open((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(noted), 5);
    response.once("close", () => {
      clearInterval(timer);
      gone.resolve();
    });
  });
  const user = service.user({ say: { post: "/say", reply }, turnTimeoutMs: 1_000 });
  const why = "the response did not end within 1000 ms";
  expect(await user.say()).toEqual({ kind: "unknown", why });
  await gone.promise;
});

test.each([["$.reply"], [{ kind: "text" as const }], [reply], [{ kind: "lines" as const }]])(
  "the client does not read a body of a gigabyte: %j",
  async (how) => {
    let bytes = 0;
    const gone = Promise.withResolvers<void>();
    await using service = await SmallService.open(async (_, response) => {
      response.writeHead(200).once("close", gone.resolve);
      const piece = "x".repeat(1_000_000);
      for (; bytes < 1_000_000_000 && !response.destroyed; bytes += piece.length) {
        if (!response.write(piece)) await Promise.race([once(response, "drain"), gone.promise]);
      }
    });
    const user = service.user({ say: { post: "/say", reply: how } });
    const why = "the response is longer than 10 MB; the rest was not read";
    expect(await user.say()).toEqual({ kind: "unknown", why });
    await gone.promise;
    expect(bytes).toBeLessThan(100_000_000);
  },
);

test("the client leaves a service without an answer at the turn's timeout", async () => {
  await using service = await SmallService.open(() => undefined);
  const user = service.user({ turnTimeoutMs: 50 });
  expect(await user.say()).toEqual({ kind: "unknown", why: "no response within 50 ms" });
});

test("a hang-up ends the wait at once, also in the middle of a stream", async () => {
  await using service = await SmallService.open(writes(noted));
  const user = service.user({ say: { post: "/say", reply } });
  const said = user.say();
  while (service.seen.length === 0) await new Promise(setImmediate);
  user.hangUp.abort(new Error("the client hung up"));
  expect(await said).toEqual({ kind: "unknown", why: "the client hung up" });
});
