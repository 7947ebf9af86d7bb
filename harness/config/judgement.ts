import { z } from "zod";
import { promises } from "./promises.ts";
import { template } from "./request.ts";

const expectation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("holds").describe("The claim holds.") }),
  z.strictObject({
    kind: z.enum(["violated", "inconclusive"]).describe("The verdict."),
    checker: z
      .string()
      .nullable()
      .default(null)
      .describe("The checker that finds it; null: whichever does."),
    diagnoses: z.array(z.string()).readonly().describe("The causes that are seen each time."),
    perhaps: z
      .array(z.string())
      .readonly()
      .default([])
      .describe("Causes that may be seen as well, where it depends on the moment of a fault."),
    reason: z.string().nullable().default(null).describe("Why that is accepted, for people."),
  }),
]);

const breaks = z
  .record(z.string(), expectation)
  .default({})
  .describe("What is expected, by scenario, where that is not that it holds.");

export const variant = z.strictObject({
  about: z.string().default("").describe("One sentence: what was swapped."),
  env: z
    .record(z.string(), template)
    .default({})
    .describe("Environment variables, on top of the target's env."),
  // The others are not run on it unless they are asked for.
  breaks: breaks.describe("The scenarios that it breaks, each with the verdict and its causes."),
});

/** How a target is judged: the same for whatever runs it. */
export const judgedShape = {
  promises: promises.prefault({}).describe("What it promises, and is judged by."),
  only: z
    .array(z.string())
    .optional()
    .describe("Names of the scenarios to run. Without it: all that it can be put to."),
  skip: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe("Scenarios that are not run, each with the reason."),
  breaks,
  variants: z
    .record(z.string(), variant)
    .default({})
    .describe("The same service with one part swapped, by name: to see that it is found out."),
};
