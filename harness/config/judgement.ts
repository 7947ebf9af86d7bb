import { z } from "zod";
import { expectedBreak } from "../checkers/expectation.ts";
import { promises } from "./promise-fields.ts";
import { template } from "./request.ts";

const { checker, diagnoses, perhaps, reason } = expectedBreak.shape;

/** An expectation in a configuration file, with defaults for omitted fields. */
const written = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("holds").describe("The claim holds.") }),
  z.strictObject({
    kind: expectedBreak.shape.kind.describe("The expected verdict."),
    checker: checker.default(null).describe("The checker that finds the violation; null: any."),
    diagnoses: diagnoses.readonly().describe("Diagnoses that every run reports."),
    perhaps: perhaps
      .readonly()
      .default([])
      .describe("Diagnoses that depend on timing, so that not every run reports them."),
    reason: reason.default(null).describe("Why this is accepted, for people."),
  }),
]);

const breaks = z
  .record(z.string(), written)
  .default({})
  .describe("Expected verdicts by scenario, if the claim is not expected to hold.");

export const variant = z.strictObject({
  about: z.string().default("").describe("The difference to the target, in one sentence."),
  env: z
    .record(z.string(), template)
    .default({})
    .describe("Environment variables, in addition to the target's env."),
  // Other scenarios run on it only if the user names them.
  breaks: breaks.describe(
    "Scenarios that this variant breaks, with verdict, checker and diagnoses. Only these " +
      "are run on it.",
  ),
});

/** The variants of a target, by name. */
export function variantsOf<T extends z.ZodType>(one: T) {
  return z
    .record(z.string(), one)
    .default({})
    .describe(
      "The same service with one change each, by name: controls that a scenario is expected" +
        " to catch.",
    );
}

/** How to judge a target, for both kinds of target. */
export const judgedShape = {
  promises: promises.prefault({}).describe("The promises that the service is judged against."),
  only: z
    .array(z.string())
    .optional()
    .describe("Scenarios to run. Without it: all that the target has the capabilities for."),
  skip: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe("Scenarios to leave out, each with the reason."),
  breaks,
  variants: variantsOf(variant),
};
