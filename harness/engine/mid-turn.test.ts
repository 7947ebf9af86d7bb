import { expect, test } from "vitest";
import { headerOf } from "../../test/support/shorthand.ts";
import type { Conversation } from "../client/conversation.ts";
import type { Deployment } from "../deployment/deployment.ts";
import type { Fault } from "../deployment/fault.ts";
import type { Replica } from "../deployment/replica.ts";
import { random } from "../history/random.ts";
import { Recording } from "../history/recording.ts";
import type { Stage } from "./scenario.ts";
import { parsePoint } from "../history/point.ts";
import { Turns } from "../history/turn.ts";
import { Holds } from "../wires/hold.ts";
import { midTurn } from "./mid-turn.ts";

const points = ["search", "book", "model call 1"];

/** Sends three turns to "a", and runs each on its executor. Returns the log of events. */
async function played(
  executors: readonly (string | null)[],
  fault: Parameters<typeof midTurn>[2],
): Promise<string[]> {
  const log: string[] = [];
  const holds = new Holds(new Recording(headerOf({}), null), 100);
  const turns = new Turns(random(1), "run");
  let users = 0;
  const conversation = () => {
    const place = users++;
    const next = turns.open(`c${place}`);
    let said = 0;
    const say = async () => {
      if (said++ === 0) return;
      const executor = executors[place] ?? null;
      if (executor !== null) await holds.pass(next, parsePoint(points[place] ?? ""), executor);
      log.push(`turn ${place} continues`);
    };
    return { next, say } as unknown as Conversation;
  };
  const replicas = ["a", "b"].map((name) => ({ name }) as Replica);
  const inject = async ({ name }: Fault) => {
    log.push(name);
    return {
      bite: () => ({ bit: true, what: name }),
      [Symbol.asyncDispose]: async () => void log.push(`${name} is healed`),
    };
  };
  const deployment = { replicas } as unknown as Deployment;
  const hold: Stage["hold"] = (turn, point) =>
    holds.hold(turn, typeof point === "string" ? parsePoint(point) : point);
  const [on] = replicas;
  if (on === undefined) throw new Error("there is no replica");
  const stage = { deployment, conversation, hold, inject } as unknown as Stage;
  await midTurn(stage, { on, steps: [], points }, fault);
  return log;
}

const kill = ({ name }: Replica): Fault => ({
  kind: "kill",
  args: [],
  name: `kill ${name}`,
  replica: name,
  inject: async () => ({
    bite: () => ({ bit: true, what: "" }),
    [Symbol.asyncDispose]: async () => {},
  }),
});

test("midTurn kills the replica that runs the turns, not the one that was asked", async () => {
  const all = ["turn 0 continues", "turn 1 continues", "turn 2 continues"];
  expect(await played(["b", "b", "b"], kill)).toEqual(["kill b", ...all, "kill b is healed"]);
  expect(await played(["a", "a", "a"], kill)).toEqual(["kill a", ...all, "kill a is healed"]);
});

test("if several replicas run the turns, midTurn kills one after the other", async () => {
  expect(await played(["b", "a", "b"], kill)).toEqual([
    "kill b",
    "turn 0 continues",
    "turn 2 continues",
    "kill b is healed",
    "kill a",
    "turn 1 continues",
    "kill a is healed",
  ]);
});

test("a fault of no replica is injected once, and so is one whose turns are not held", async () => {
  const crash = { ...kill({ name: "all" } as Replica), name: "crash" };
  const once = await played(["b", "a", "b"], crash);
  expect(once.filter((it) => !it.endsWith("continues"))).toEqual(["crash", "crash is healed"]);
  const missed = await played([null, null, null], kill);
  expect(missed.filter((it) => !it.endsWith("continues"))).toEqual(["kill a", "kill a is healed"]);
});
