import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Figure } from "./figure.ts";

const bin = fileURLToPath(new URL("../cli/threadproof.js", import.meta.url));

/** The whole main job, as a user starts it, and the time until its first verdict is to be read. */
export async function suiteFigures(reports: string): Promise<Figure[]> {
  const began = performance.now();
  const child = spawn(process.execPath, [bin, "run", "--seed", "1", "--reports", reports], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let first: number | null = null;
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    if (/[✔✘?]/.test(text)) first ??= performance.now() - began;
  });
  const exit: unknown[] = await once(child, "close");
  const [code] = exit;
  const seconds = (performance.now() - began) / 1_000;
  if (code !== 0) throw new Error(`the run ended with ${String(code)}:\n${text.slice(-2_000)}`);
  return [
    {
      name: "the first verdict on screen",
      unit: "s",
      value: (first ?? Number.NaN) / 1_000,
      floor: null,
      budget: "within 5",
    },
    {
      name: "the whole of npm run scenarios",
      unit: "s",
      value: seconds,
      floor: null,
      budget: "under 40",
    },
  ];
}
