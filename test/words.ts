/** Prints the sentences to rewrite, and their number in each folder. */
import { dirname } from "node:path";
import { offencesUnder } from "./support/plain-english.ts";

const offences = offencesUnder(dirname(import.meta.dirname), process.argv[2]);
for (const it of offences) console.log(it);
const folderOf = (it: string): string => {
  const [first = "", second = ""] = it.split(":", 1)[0]?.split("/").slice(0, -1) ?? [];
  return [first, second].filter(Boolean).join("/") || ".";
};
const groups = Object.entries(Object.groupBy(offences, folderOf));
for (const [folder, list = []] of groups)
  console.log(`${String(list.length).padStart(6)}  ${folder}`);
console.log(`${String(offences.length).padStart(6)}  in all`);
process.exitCode = offences.length > 0 ? 1 : 0;
