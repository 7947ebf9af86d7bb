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

/** Runs three turns that were all said to "a", each on the replica that is named for it. */
async function played(
  executors: readonly (string | null)[],
  fault: Parameters<typeof midTurn>[2],
): Promise<string[]> {
  const told: string[] = [];
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
      told.push(`turn ${place} goes on`);
    };
    return { next, say } as unknown as Conversation;
  };
  const replicas = ["a", "b"].map((name) => ({ name }) as Replica);
  const inject = async ({ name }: Fault) => {
    told.push(name);
    return {
      bite: () => ({ bit: true, what: name }),
      [Symbol.asyncDispose]: async () => void told.push(`${name} is healed`),
    };
  };
  const deployment = { replicas } as unknown as Deployment;
  const hold: Stage["hold"] = (turn, point) =>
    holds.hold(turn, typeof point === "string" ? parsePoint(point) : point);
  const [on] = replicas;
  if (on === undefined) throw new Error("there is no replica");
  const stage = { deployment, conversation, hold, inject } as unknown as Stage;
  await midTurn(stage, { on, steps: [], points }, fault);
  return told;
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

test("who runs a turn is killed, although another replica was asked", async () => {
  const all = ["turn 0 goes on", "turn 1 goes on", "turn 2 goes on"];
  expect(await played(["b", "b", "b"], kill)).toEqual(["kill b", ...all, "kill b is healed"]);
  expect(await played(["a", "a", "a"], kill)).toEqual(["kill a", ...all, "kill a is healed"]);
});

test("where several run them, one is there to take over while the other is dead", async () => {
  expect(await played(["b", "a", "b"], kill)).toEqual([
    "kill b",
    "turn 0 goes on",
    "turn 2 goes on",
    "kill b is healed",
    "kill a",
    "turn 1 goes on",
    "kill a is healed",
  ]);
});

test("a fault that is nobody's is injected once, and so is one that meets no turn", async () => {
  const crash = { ...kill({ name: "all" } as Replica), name: "crash" };
  const told = await played(["b", "a", "b"], crash);
  expect(told.filter((it) => !it.endsWith("on"))).toEqual(["crash", "crash is healed"]);
  const missed = await played([null, null, null], kill);
  expect(missed.filter((it) => !it.endsWith("on"))).toEqual(["kill a", "kill a is healed"]);
});
