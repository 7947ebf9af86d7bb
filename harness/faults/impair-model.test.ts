import { expect, test } from "vitest";
import type { Deployment } from "../deployment/deployment.ts";
import { ModelImpairments } from "../wires/model/model-impairment.ts";
import {
  cutReplies,
  failModel,
  shortenReplies,
  silenceModel,
  stallReplies,
} from "./impair-model.ts";

const all = [
  [failModel(429), { kind: "status", status: 429 }],
  [cutReplies(), { kind: "cut" }],
  [shortenReplies(), { kind: "short" }],
  [stallReplies(), { kind: "stall" }],
  [silenceModel(), { kind: "silence" }],
] as const;

test.each(all)("$name: affects replies until dispose", async (fault, what) => {
  const impairments = new ModelImpairments();
  const held = await fault.inject({ wires: { model: impairments } } as Deployment);
  expect(held.bite()).toEqual({ bit: false, what: "0 replies were affected" });
  const met = impairments.meet();
  expect(met?.impairment).toEqual(what);
  expect(held.bite()).toEqual({ bit: true, what: "1 replies were affected" });
  await held[Symbol.asyncDispose]();
  await met?.healed;
  expect(impairments.meet()).toBe(null);
  expect(fault.stops).toBe("replies");
});
