// A network, Toxiproxy and HAProxy for all tests (3 s), and one to three containers per test.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Deployment } from "../deployment.ts";
import { isolate } from "../../faults/isolate.ts";
import type { Event } from "../../history/history.ts";
import { parseConfiguration, type CommandInput } from "../../config/configuration.ts";
import { headers } from "../../wires/headers.ts";
import type { OpenedBackend } from "../backend.ts";
import { openDocker } from "./docker-backend.ts";
import { dockerEngine, images } from "../../machine/docker/engine.ts";
import { probe } from "../../machine/probe.ts";

const engine = await dockerEngine();
let opened: OpenedBackend;

/** A small service. */
const service = `
  if (process.argv[1] === "migrate") { console.log("no rights"); process.exit(4); }
  process.on("SIGTERM", () => { console.log("goodbye"); process.exit(0); });
  console.log("hello, " + process.env.WORD);
  require("node:http").createServer((request, response) => {
    if (request.url === "/exit") { console.log("last words"); process.exit(3); }
    if (request.url !== "/ready") return response.end(process.env.WORD);
    const isReady = process.env.WORD !== "unready";
    response.writeHead(isReady ? 200 : 503).end(isReady ? "" : "tables are missing");
  }).listen(process.env.PORT, "0.0.0.0");
`;

beforeAll(async () => {
  if (!engine.ok) return;
  const runId = `db${process.pid.toString(36)}`;
  const watchdog = { reap: () => {} };
  const folder = import.meta.dirname;
  opened = await openDocker({ runId, watchdog, folder, ownDatabase: true, targets: [] });
});

beforeEach(({ skip }) => skip(!engine.ok, engine.ok ? "" : engine.why));

afterAll(() => opened?.[Symbol.asyncDispose]());

function targetOf(more: Partial<CommandInput> = {}) {
  const command = ["node", "-e", service];
  const definition = {
    kind: "command",
    start: "unused",
    env: { PORT: "${port}", WORD: "first" },
    ready: { get: "/ready", withinMs: 5_000 },
    say: { post: "/say", reply: "$" },
    container: { image: images.node, command, migrate: [...command, "migrate"] },
    ...more,
  };
  const { mine } = parseConfiguration({ targets: { mine: definition } }, "test").targets;
  if (mine === undefined) throw new Error("the target is gone");
  return mine;
}

async function stage(more: Partial<CommandInput> = {}) {
  const target = targetOf(more);
  const events: Event[] = [];
  const recorder = {
    record(event: Event) {
      events.push(event);
      return { seq: events.length, at: 0, ...event };
    },
  };
  const site = await opened.backend.open({ target, replicas: ["a", "b"] });
  const launch = { name: "a", boot: 0, target, environment: {}, recorder, names: { replica: "a" } };
  const replica = await site.replica(launch);
  const ask = async (path: string): Promise<string> => {
    const answer = await probe(new URL(path, site.ingress), "GET", 5_000, { [headers.on]: "a" });
    return answer?.body ?? "no response";
  };
  const of = <K extends Event["kind"]>(kind: K) =>
    events.filter((it): it is Extract<Event, { kind: K }> => it.kind === kind);
  return { site, replica, launch, ask, of };
}

describe("a replica as a container", { timeout: 60_000 }, () => {
  test("keeps the address that clients use over kill and restart", async () => {
    const { site, replica, ask, of } = await stage();
    await using _ = site;
    expect([replica.running, replica.ready, await replica.start()]).toEqual([false, false, true]);
    const address = site.ingress.href;
    expect(await ask("/")).toBe("first");
    await replica.signal("SIGKILL");
    expect([replica.running, replica.ready]).toEqual([false, false]);
    expect(await replica.start({ WORD: "second" })).toBe(true);
    expect([await ask("/"), site.ingress.href]).toEqual(["second", address]);
    await replica.signal("SIGTERM");
    expect(of("replica.start").map((it) => it.changed)).toEqual([[], ["WORD"]]);
    expect(of("replica.exit")).toMatchObject([
      { code: null, signal: "SIGKILL", asked: true, lastLines: ["hello, first"] },
      { code: 0, signal: null, asked: true, lastLines: ["hello, second", "goodbye"] },
    ]);
  });

  test("records why it is not ready, and an exit that was not requested", async () => {
    const { site, replica, ask, of } = await stage();
    await using _ = site;
    expect(await replica.start({ WORD: "unready" }, { saysNotMs: 200 })).toBe(false);
    const why = "GET /ready answers 503: tables are missing · hello, unready";
    expect(of("replica.unready")).toMatchObject([{ why }]);
    await ask("/exit");
    await expect.poll(() => replica.running).toBe(false);
    const [exit] = of("replica.exit");
    expect(exit).toMatchObject({ code: 3, signal: null, asked: false });
    expect(exit?.lastLines.at(-1)).toBe("last words");
  });

  test("does not become ready if its command does not exist", async () => {
    const { site, replica, of } = await stage({
      container: { image: images.node, command: ["no-such-program"] },
    });
    await using _ = site;
    expect(await replica.start()).toBe(false);
    expect(of("replica.unready")[0]?.why).toContain("no-such-program");
  });

  test("is unreachable while isolated, keeps running, and returns", async () => {
    const { site, replica, ask } = await stage();
    await using _ = site;
    await replica.start();
    const { pid } = replica;
    {
      // This fault does not use the deployment.
      await using held = await isolate(replica).inject({} as Deployment);
      expect(held.bite()).toEqual({ bit: true, what: `pid ${pid} was cut off` });
      expect(await ask("/")).toContain("no replica could be reached");
    }
    await expect.poll(() => ask("/"), { timeout: 5_000 }).toBe("first");
    expect(replica.pid).toBe(pid);
  });

  test("a failed migration shows its last output", async () => {
    const { site, launch } = await stage();
    await using _ = site;
    await expect(site.migrate(launch)).rejects.toThrow("the migration ended with 4: no rights");
  });

  test("a target without an image is unfit", () => {
    expect(opened.backend.unfit(targetOf())).toBe(null);
    expect(opened.backend.unfit(targetOf({ container: {} }))).toContain("container.image");
  });
});
