import { expect, test } from "vitest";
import type { Deployment } from "../deployment/deployment.ts";
import type { Impairment } from "../wires/database/impairment.ts";
import {
  cutDatabase,
  delayDatabase,
  resetDatabase,
  stallDatabase,
  throttleDatabase,
} from "./impair-database.ts";

/** A deployment with open connections, and the impairments that are in effect. */
function deploymentWith(connections: number) {
  const held: Impairment[] = [];
  const deployment = {
    connections: async () => connections,
    wires: {
      database: {
        impair: async (impairment: Impairment) => {
          held.push(impairment);
          const heal = async () => void held.splice(held.indexOf(impairment), 1);
          return { [Symbol.asyncDispose]: heal };
        },
      },
    },
  };
  return { held, deployment: deployment as unknown as Deployment };
}

const all = [
  [delayDatabase(50), { kind: "latency", ms: 50 }],
  [throttleDatabase(1_000), { kind: "bandwidth", bytesPerSecond: 1_000 }],
  [stallDatabase(), { kind: "stall" }],
  [resetDatabase(), { kind: "reset" }],
  [cutDatabase(), { kind: "cut" }],
] as const;

test.each(all)("$name: in effect until dispose", async (fault, impairment) => {
  const { held, deployment } = deploymentWith(3);
  const injected = await fault.inject(deployment);
  expect(held).toEqual([impairment]);
  expect(injected.bite()).toEqual({ bit: true, what: "3 connections were open" });
  await injected[Symbol.asyncDispose]();
  expect(held).toEqual([]);
});

test.each(all)("$name: has no effect without open connections", async (fault) => {
  const injected = await fault.inject(deploymentWith(0).deployment);
  expect(injected.bite().bit).toBe(false);
});

test("all but latency and bandwidth declare that saves stop", () => {
  const saves = all.filter(([{ stops }]) => stops === undefined).map(([{ name }]) => name);
  expect(saves).toEqual(["the database is 50 ms away", "the database is at 1000 bytes/s"]);
});
