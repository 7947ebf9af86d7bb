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

/** So many connections to its database, and what its wires are impaired with at the moment. */
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

test.each(all)("$name: held until it is disposed of", async (fault, impairment) => {
  const { held, deployment } = deploymentWith(3);
  const there = await fault.inject(deployment);
  expect(held).toEqual([impairment]);
  expect(there.bite()).toEqual({ bit: true, what: "3 connections were open" });
  await there[Symbol.asyncDispose]();
  expect(held).toEqual([]);
});

test.each(all)("$name: has bitten nothing where there is no connection", async (fault) => {
  const there = await fault.inject(deploymentWith(0).deployment);
  expect(there.bite().bit).toBe(false);
});

test("those under which nothing is saved say so", () => {
  const saves = all.filter(([{ stops }]) => stops === undefined).map(([{ name }]) => name);
  expect(saves).toEqual(["the database is 50 ms away", "the database is at 1000 bytes/s"]);
});
