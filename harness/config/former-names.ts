import { z } from "zod";

/** Words that an enum of the configuration had in an earlier version, and what each is now. */
export const formerNames = z.registry<Readonly<Record<string, string>>>();
