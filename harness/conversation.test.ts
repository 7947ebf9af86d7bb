import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { headerOf } from "./checkers/shorthand.ts";
import { Conversation } from "./conversation.ts";
import type { Deployment } from "./deployment.ts";
import { entriesOf } from "./history.ts";
import { random } from "./random.ts";
import { Recording } from "./recording.ts";
import { Sight } from "./sight.ts";
import { Wire } from "./talk/wire.ts";
import { command, parseConfiguration } from "./target/configuration.ts";
import { Turns } from "./turn.ts";
import { Holds } from "./wires/hold.ts";

const definition = command({
  start: "unused",
  ready: { get: "/ready" },
  say: { post: "/say", json: { message: "${message}" }, reply: "$.reply" },
  read: { get: "/state", list: "$[*]" },
  promises: { answerMs: 300 },
});

/** A user of a service of a few lines. */
async function userOf(service: RequestListener) {
  const server = createServer(service).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const wire = new Wire(() => new URL(`http://127.0.0.1:${port}`));
  const { mine: target } = parseConfiguration({ targets: { mine: definition } }, "test").targets;
  if (target === undefined) throw new Error("the target is gone");
  const recording = new Recording(headerOf({}), null);
  const turns = new Turns(random(1));
  const holds = new Holds(recording, 1_000);
  const deployment = { boots: 1, replicas: [] } as unknown as Deployment;
  const sight = new Sight(["model"]);
  const around = { target, deployment, wire, turns, holds, recording, sight, run: "r1" };
  const user = new Conversation("c1", around);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await wire[Symbol.asyncDispose]();
  });
  return { user, recording, holds };
}

const ok: RequestListener = (_, response) => response.end('{"reply": "noted"}');

test("who hangs up drops what has no answer, and does not know what became of it", async () => {
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const { user, recording } = await userOf((request, response) => {
    response.once("close", left.resolve);
    request.resume().once("end", arrived.resolve);
  });
  expect(user.hangUp()).toBe(0);
  const said = user.say("hello");
  await arrived.promise;
  expect(user.hangUp()).toBe(1);
  expect(await said).toEqual({ kind: "unknown", why: "the client hung up" });
  await left.promise;
  expect(user.hangUp()).toBe(0);
  expect(entriesOf(recording, "attempt.end")).toMatchObject([{ replica: null, status: null }]);
});

test("a call of a turn that was left is held on: the turn may go on", async () => {
  const arrived = Promise.withResolvers<void>();
  const { user, recording, holds } = await userOf(() => arrived.resolve());
  using held = holds.hold(user.next, "search");
  const said = user.say("hello");
  await arrived.promise;
  user.hangUp();
  await said;
  expect(entriesOf(recording, "fault.end")).toEqual([]);
  held[Symbol.dispose]();
  expect(entriesOf(recording, "fault.end")).toHaveLength(1);
});

test("patience lasts until the answer, or until that is later than promised", async () => {
  const { user } = await userOf(ok);
  void user.say("hello");
  expect(await user.patience()).toBe(true);
  const slow = await userOf(() => {});
  const said = slow.user.say("hello");
  const began = performance.now();
  expect(await slow.user.patience()).toBe(false);
  expect(performance.now() - began).toBeGreaterThan(300);
  slow.user.hangUp();
  await said;
});

test("a thread is read until the last turn has its reply there", async () => {
  const lists = ["[]", '["TOKEN"]', '["TOKEN", "noted tpa-00000001"]', "[]"];
  let token = "";
  let reads = 0;
  const { user } = await userOf((request, response) => {
    if (request.url === "/state") {
      response.end((lists[reads] ?? "").replace("TOKEN", token));
      reads += 1;
    } else ok(request, response);
  });
  token = user.next.token;
  await user.say("hello");
  await user.readUntilReplied();
  expect(reads).toBe(3);
});

test("a thread in which no reply comes is not read for ever", async () => {
  let reads = 0;
  const { user } = await userOf((request, response) => {
    reads += request.url === "/state" ? 1 : 0;
    ok(request, response);
  });
  await user.say("hello");
  await user.readUntilReplied();
  expect(reads).toBeGreaterThan(1);
});
