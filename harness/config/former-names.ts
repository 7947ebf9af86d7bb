import { z } from "zod";

/** Maps former values of an enum of the configuration to their current names. */
export const formerNames = z.registry<Readonly<Record<string, string>>>();
