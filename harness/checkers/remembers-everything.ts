// Placeholder by the lead so that the engine can be tried: helper, overwrite this file.
import type { Checker } from "../verdict.ts";
export const remembersEverything: Checker = { name: "remembers-everything", needs: [], judge: () => ({ kind: "holds", checked: 0 }) };
