import { expect, test } from "vitest";
import type { Deployment } from "../deployment/deployment.ts";
import { refuseConnections } from "./refuse-connections.ts";

test.each([
  [2, { bit: true, what: "2 connections were refused" }],
  [0, { bit: false, what: "0 connections were refused" }],
])("counts %i refused connections", async (wanted, bite) => {
  const calls: string[] = [];
  const database = {
    refused: 5,
    impair: async ({ kind }: { kind: string }) => {
      calls.push(kind);
      return { [Symbol.asyncDispose]: async () => void calls.push("healed") };
    },
  };
  const held = await refuseConnections().inject({ wires: { database } } as unknown as Deployment);
  database.refused += wanted;
  await held[Symbol.asyncDispose]();
  expect(held.bite()).toEqual(bite);
  expect(calls).toEqual(["refuse", "healed"]);
});
