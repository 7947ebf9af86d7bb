import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Site } from "../backend.ts";
import type { Replica } from "../replica.ts";
import type { Event } from "../../history/history.ts";
import { parseConfiguration, type CommandInput } from "../../config/configuration.ts";
import { livingProcess } from "../../machine/watchdog/process-table.ts";
import type { Upstream } from "../../wires/ingress/ingress.ts";
import { processBackend } from "./process-backend.ts";

/** A small service; the variable FLAW selects its flaw. */
const service = `
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
const { PORT, FLAW = "none", PID_FILE } = process.env;
const fork = async (program, detached = false) => {
  const stdio = ["ignore", "inherit", "inherit", "ipc"];
  const child = spawn(process.execPath, ["-e", program + "process.send('up')"], { stdio, detached });
  writeFileSync(PID_FILE, String(child.pid));
  await once(child, "message");
  child.unref();
};
console.log("hello from", process.pid);
console.error("flaw:", FLAW);
if (FLAW === "crashes") throw new Error("no such table: threads");
if (FLAW === "chatty") {
  for (let i = 0; i < 20_000; i += 1) console.log("line " + i + " " + "x".repeat(900));
  await new Promise((resolve) => process.stdout.write("y".repeat(3_000_000), resolve));
}
if (FLAW === "forks") await fork("setInterval(() => {}, 1000);");
if (FLAW === "forks a daemon") await fork("setInterval(() => {}, 1000);", true);
if (FLAW === "forks a stubborn one") {
  await fork("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);");
}
await new Promise((resolve) => setTimeout(resolve, process.env.LATE_MS ?? 0));
process.on("SIGTERM", () => {
  if (FLAW === "stays") return console.log("not now");
  console.log("goodbye");
  process.exit(0);
});
createServer((request, response) => {
  if (request.url === "/ready") {
    response.writeHead(FLAW === "never ready" ? 503 : 200).end("tables are missing");
  } else if (request.url === "/exit") {
    console.log("last words");
    process.exit(3);
  } else if (request.url === "/environment") {
    response.end(JSON.stringify(process.env));
  } else response.end("fine");
}).listen(PORT, "127.0.0.1");
`;

let folder = "";
const sites: Site[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "process backend "));
  writeFileSync(join(folder, "service.mjs"), service);
});

afterEach(async () => {
  for (const it of sites.splice(0)) await it[Symbol.asyncDispose]();
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly flaw?: string;
  readonly target?: Partial<CommandInput>;
}

/** With the address that the ingress of this backend uses. */
type Reachable = Replica & Upstream & { ready: boolean };

const ask = async (replica: Reachable, path: string) =>
  (await fetch(new URL(path, replica.url))).text();

/** A replica of the service, and its events. */
async function replicaOf({ flaw, target = {} }: Given = {}) {
  const events: Event[] = [];
  const adopted: (number | undefined)[] = [];
  const backend = processBackend({
    watchdog: { environment: { THREADPROOF_RUN: "x" }, adopt: (pid) => adopted.push(pid) },
    folder,
    commandLine: async (line) => line,
    scratch: folder,
    ownDatabase: true,
    build: async () => {},
  });
  const definition = {
    kind: "command",
    start: "node service.mjs",
    env: { PORT: "${port}", NAME: "replica ${replica}", PID_FILE: join(folder, "pid") },
    ready: { get: "/ready" },
    say: { post: "/say", reply: "$" },
    ...target,
  };
  const { mine } = parseConfiguration({ targets: { mine: definition } }, "test").targets;
  if (mine === undefined) throw new Error("the target is gone");
  const recorder = {
    record(event: Event) {
      events.push(event);
      return { seq: events.length, at: 0, ...event };
    },
  };
  const environment: Record<string, string> = flaw === undefined ? {} : { FLAW: flaw };
  const launch = {
    name: "a",
    boot: 2,
    target: mine,
    environment,
    recorder,
    names: { replica: "a" },
  };
  const site = await backend.open({ target: mine, replicas: ["a"] });
  sites.push(site);
  const replica = (await site.replica(launch)) as Reachable;
  const of = <K extends Event["kind"]>(kind: K) =>
    events.filter((it): it is Extract<Event, { kind: K }> => it.kind === kind);
  return { backend, replica, events, of, adopted, migrate: () => site.migrate(launch) };
}

describe("recovering", () => {
  test("waits for the end of a replica that is about to end", async () => {
    const { replica } = await replicaOf();
    await replica.start();
    // The state between the last failed check of a process and its exit event.
    const dying = ask(replica, "/exit").catch(() => {});
    replica.ready = false;
    expect([await replica.recovered(), replica.running]).toEqual([false, false]);
    await dying;
  });

  test("a replica that answers again is ready again", async () => {
    const { replica } = await replicaOf();
    await replica.start();
    replica.ready = false;
    expect([await replica.recovered(), replica.ready]).toEqual([true, true]);
  });

  test("does not wait for a replica that never was ready", async () => {
    const { replica } = await replicaOf({
      flaw: "never ready",
      target: { ready: { get: "/ready", withinMs: 300 } },
    });
    await replica.start();
    expect([await replica.recovered(), replica.running]).toEqual([false, true]);
  });
});

describe("starting", () => {
  test("counts the time from the end of `heldUntil`; the next start has four times that", async () => {
    const { replica } = await replicaOf({ target: { ready: { get: "/ready", withinMs: 300 } } });
    const heldUntil = new Promise(() => {});
    expect(await replica.start({ LATE_MS: "1000" }, { heldUntil })).toBe(true);
    await replica.signal("SIGKILL");
    expect(await replica.start({ LATE_MS: "1500" })).toBe(true);
  });

  test("resolves and records that once the ready check passes", async () => {
    const { replica, events, adopted } = await replicaOf();
    expect([replica.ready, replica.running, replica.pid]).toEqual([false, false, null]);
    expect(await replica.start()).toBe(true);
    expect([replica.ready, replica.running]).toEqual([true, true]);
    expect(await ask(replica, "/")).toBe("fine");
    const { pid } = replica;
    expect(pid).toEqual(expect.any(Number));
    expect(adopted).toEqual([pid]);
    expect(events).toEqual([
      { kind: "replica.start", replica: "a", pid, boot: 2, changed: [] },
      { kind: "replica.ready", replica: "a", afterMs: expect.any(Number) },
    ]);
  });

  test("passes the target's environment with filled templates, and the marker", async () => {
    const { replica } = await replicaOf({ flaw: "plain" });
    await replica.start();
    expect(JSON.parse(await ask(replica, "/environment"))).toMatchObject({
      PORT: replica.url.port,
      NAME: "replica a",
      FLAW: "plain",
      THREADPROOF_RUN: "x",
    });
  });

  test("a restart keeps the address, and records the changed variables", async () => {
    const { replica, of } = await replicaOf();
    await replica.start();
    await replica.signal("SIGKILL");
    const address = replica.url.href;
    expect(await replica.start({ VERSION: "2", NAME: "another" })).toBe(true);
    expect(replica.url.href).toBe(address);
    const seen = JSON.parse(await ask(replica, "/environment")) as Record<string, string>;
    expect([seen["VERSION"], seen["NAME"]]).toEqual(["2", "another"]);
    await replica.signal("SIGKILL");
    await replica.start();
    const changed = of("replica.start").map((it) => it.changed.toSorted());
    expect(changed).toEqual([[], ["NAME", "VERSION"], []]);
  });

  test("gives up a service that is not ready in time, and records its last answer", async () => {
    // Counted from its start, so the service must have answered by then.
    const ready = { get: "/ready", withinMs: 6_000 };
    const { replica, of } = await replicaOf({ flaw: "never ready", target: { ready } });
    expect(await replica.start()).toBe(false);
    expect([replica.ready, replica.running]).toEqual([false, true]);
    const why = expect.any(String);
    expect(of("replica.unready")).toEqual([{ kind: "replica.unready", replica: "a", why }]);
    const [answer, ...printed] = of("replica.unready")[0]?.why.split(" · ") ?? [];
    expect(answer).toBe("GET /ready answers 503: tables are missing");
    // One line from each of its two pipes, in either order.
    const hello = expect.stringMatching(/^hello from \d+$/);
    expect(printed.toSorted()).toEqual(["flaw: never ready", hello]);
  });

  test("resolves at once if the service crashes at boot, and records its error", async () => {
    const { replica, of } = await replicaOf({ flaw: "crashes" });
    expect(await replica.start()).toBe(false);
    expect(replica.running).toBe(false);
    const [exit] = of("replica.exit");
    expect(exit).toMatchObject({ code: 1, signal: null, asked: false });
    expect(exit?.lastLines).toContain("Error: no such table: threads");
    // Not the last lines, which are a stack trace.
    expect(of("replica.unready")[0]?.why).toBe("Error: no such table: threads");
  });

  test("the error for a missing program shows the whole command line", async () => {
    const { replica, of } = await replicaOf({
      target: { start: "no-such-program --port ${port}" },
    });
    expect(await replica.start()).toBe(false);
    const sentence = `cannot start "no-such-program --port ${replica.url.port}": `;
    expect(of("replica.exit")).toMatchObject([{ pid: null, code: null, asked: false }]);
    expect(of("replica.unready")[0]?.why).toContain(`${sentence}spawn no-such-program ENOENT`);
  });

  test("keeps only the last lines of a long output, each truncated", async () => {
    const { replica, of } = await replicaOf({ flaw: "chatty" });
    expect(await replica.start()).toBe(true);
    await replica.signal("SIGKILL");
    const { lastLines = [] } = of("replica.exit")[0] ?? {};
    expect(lastLines).toHaveLength(20);
    expect(lastLines.at(-2)).toMatch(/^line 19999 x+$/);
    expect(lastLines.at(-1)).toBe("y".repeat(500));
    expect(Math.max(...lastLines.map((it) => it.length))).toBe(500);
  });
});

describe("ending", () => {
  test("SIGTERM resolves once the process has ended, and records code and output", async () => {
    const { replica, of } = await replicaOf();
    await replica.start();
    const { pid } = replica;
    await replica.signal("SIGTERM");
    expect([replica.running, replica.ready, replica.pid]).toEqual([false, false, null]);
    expect(of("replica.signal")).toEqual([
      { kind: "replica.signal", replica: "a", signal: "SIGTERM" },
    ]);
    const lastLines = [`hello from ${pid}`, "flaw: none", "goodbye"];
    expect(of("replica.exit")).toEqual([
      {
        kind: "replica.exit",
        replica: "a",
        pid,
        code: 0,
        signal: null,
        asked: true,
        lastLines: expect.arrayContaining(lastLines),
      },
    ]);
  });

  test("SIGKILL ends the process without clean-up, and the signal is recorded", async () => {
    const { replica, of } = await replicaOf();
    await replica.start();
    await replica.signal("SIGKILL");
    expect(replica.running).toBe(false);
    const [exit] = of("replica.exit");
    expect(exit).toMatchObject({ code: null, signal: "SIGKILL", asked: true });
    expect(exit?.lastLines).not.toContain("goodbye");
  });

  test("a SIGTERM that is ignored beyond the promised time becomes a SIGKILL", async () => {
    const promises = { drainMs: 50 };
    const { replica, of } = await replicaOf({ flaw: "stays", target: { promises } });
    await replica.start();
    await replica.signal("SIGTERM");
    expect(of("replica.signal").map((it) => it.signal)).toEqual(["SIGTERM", "SIGKILL"]);
    expect(of("replica.exit")).toMatchObject([{ signal: "SIGKILL", asked: true }]);
  });

  test("an exit by itself is recorded as not requested", async () => {
    const { replica, of } = await replicaOf();
    await replica.start();
    await expect(ask(replica, "/exit")).rejects.toThrow("fetch failed");
    await expect.poll(() => replica.running).toBe(false);
    const [exit] = of("replica.exit");
    expect(exit).toMatchObject({ code: 3, signal: null, asked: false });
    expect(exit?.lastLines).toContain("last words");
  });

  test("a signal to a replica that is not running does nothing", async () => {
    const { replica, events } = await replicaOf();
    await replica.signal("SIGKILL");
    expect(events).toEqual([]);
  });

  test.each(["SIGKILL", "SIGTERM"] as const)("%s ends forked children too", async (signal) => {
    const { replica } = await replicaOf({ flaw: "forks" });
    await replica.start();
    const child = Number(readFileSync(join(folder, "pid"), "utf8"));
    expect(livingProcess(child)).not.toBeNull();
    await replica.signal(signal);
    await expect.poll(() => livingProcess(child)).toBeNull();
  });

  test("a child that ignores SIGTERM ends with its parent", async () => {
    const { replica } = await replicaOf({ flaw: "forks a stubborn one" });
    await replica.start();
    const child = Number(readFileSync(join(folder, "pid"), "utf8"));
    await replica.signal("SIGTERM");
    await expect.poll(() => livingProcess(child)).toBeNull();
  });

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "%s ends a child in another session before it resolves",
    async (signal) => {
      const { replica } = await replicaOf({ flaw: "forks a daemon" });
      await replica.start();
      const child = Number(readFileSync(join(folder, "pid"), "utf8"));
      expect(livingProcess(child)).not.toBeNull();
      await replica.signal(signal);
      expect(livingProcess(child)).toBeNull();
    },
  );

  test("dispose ends the process, and records that as requested", async () => {
    const { replica, of } = await replicaOf();
    await replica.start();
    const pid = replica.pid ?? 0;
    await replica[Symbol.asyncDispose]();
    expect([replica.running, livingProcess(pid)]).toEqual([false, null]);
    expect(of("replica.exit")).toMatchObject([{ signal: "SIGKILL", asked: true }]);
  });

  test("a disposed replica cannot be started", async () => {
    const { replica, of } = await replicaOf();
    await replica[Symbol.asyncDispose]();
    await expect(replica.start()).rejects.toThrow("replica a has been disposed");
    expect(of("replica.start")).toEqual([]);
  });

  test("a disposed backend ends its replicas and starts no process", async () => {
    const { backend, replica, migrate } = await replicaOf({ target: { migrate: "node -e 0" } });
    const starting = replica.start();
    await backend[Symbol.asyncDispose]();
    await starting.catch(() => {});
    expect(replica.running).toBe(false);
    await expect(replica.start()).rejects.toThrow("has been disposed");
    const over = "the run is over, so no replica is started";
    await expect(migrate()).rejects.toThrow(over);
  });
});

describe("pausing", () => {
  test("a stopped replica is not ready, and answers once it continues", async () => {
    const { replica, of } = await replicaOf();
    await replica.start();
    await replica.signal("SIGSTOP");
    let isAnswered = false;
    const answer = ask(replica, "/").finally(() => (isAnswered = true));
    await expect.poll(() => replica.ready, { timeout: 15_000 }).toBe(false);
    expect([isAnswered, replica.running]).toEqual([false, true]);
    await replica.signal("SIGCONT");
    expect(await answer).toBe("fine");
    await expect.poll(() => replica.ready, { timeout: 15_000 }).toBe(true);
    expect(of("replica.signal").map((it) => it.signal)).toEqual(["SIGSTOP", "SIGCONT"]);
    expect(of("replica.exit")).toEqual([]);
  });

  test("a stopped replica can be killed", async () => {
    const { replica } = await replicaOf();
    await replica.start();
    await replica.signal("SIGSTOP");
    await replica.signal("SIGKILL");
    expect(replica.running).toBe(false);
  });
});

/** The state in the kernel: "S" is sleeping, "T" is stopped. */
const stateOf = (pid: number) =>
  /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? null;

describe.runIf(process.platform === "linux")("pausing a child in another session", () => {
  test("stops and continues it with its parent", async () => {
    const { replica } = await replicaOf({ flaw: "forks a daemon" });
    await replica.start();
    const child = Number(readFileSync(join(folder, "pid"), "utf8"));
    await replica.signal("SIGSTOP");
    await expect.poll(() => stateOf(child)).toBe("T");
    await replica.signal("SIGCONT");
    await expect.poll(() => stateOf(child)).toBe("S");
  });
});

describe("migrating", () => {
  test("a failed migration is an error with its last output", async () => {
    const good = await replicaOf({ target: { migrate: "node -e 0" } });
    await good.migrate();
    const line = `node -e "console.log('working'); console.error('no rights'); process.exit(4)"`;
    const bad = await replicaOf({ target: { migrate: line } });
    await expect(bad.migrate()).rejects.toThrow(/^the migration ".*" ended with 4: .*no rights/);
  });

  test("a migration that cannot start is an error with its command line", async () => {
    const { migrate } = await replicaOf({ target: { migrate: "no-such-program" } });
    await expect(migrate()).rejects.toThrow(
      'the migration "no-such-program" cannot be run: spawn no-such-program ENOENT',
    );
  });
});
