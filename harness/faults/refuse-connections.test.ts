import { expect, test } from "vitest";
import type { Deployment } from "../deployment/deployment.ts";
import { refuseConnections } from "./refuse-connections.ts";

test.each([
  [2, { bit: true, what: "2 connections were refused" }],
  [0, { bit: false, what: "0 connections were refused" }],
])("%i connections are wanted meanwhile", async (wanted, bite) => {
  const told: string[] = [];
  const database = {
    refused: 5,
    impair: async ({ kind }: { kind: string }) => {
      told.push(kind);
      return { [Symbol.asyncDispose]: async () => void told.push("healed") };
    },
  };
  const held = await refuseConnections().inject({ wires: { database } } as unknown as Deployment);
  database.refused += wanted;
  await held[Symbol.asyncDispose]();
  expect(held.bite()).toEqual(bite);
  expect(told).toEqual(["refuse", "healed"]);
});
