import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Figure } from "./figure.ts";

const bin = fileURLToPath(new URL("../harness/cli/threadproof.js", import.meta.url));

/** Times of the whole main job, in seconds from the command. */
interface Run {
  readonly first: number;
  readonly whole: number;
}

/** The time of the main job, and the time until it shows its first verdict. */
export async function suiteFigures(reports: string): Promise<{ run: Run; figures: Figure[] }> {
  const run = await runOn("process", reports);
  const figure = (name: string, value: number, budget: string): Figure => ({
    ...{ name, unit: "s", value, floor: null, budget },
  });
  const figures = [
    figure("the first verdict on screen", run.first, "within 5"),
    figure("npm run scenarios, in full", run.whole, "under 40"),
  ];
  return { run, figures };
}

/** The same on containers, compared with processes. The image already exists. */
export async function containedSuiteFigures(reports: string, beside: Run): Promise<Figure[]> {
  const run = await runOn("docker", reports);
  const figure = (name: string, of: keyof Run): Figure => ({
    ...{ name, unit: "s", value: run[of], budget: null },
    floor: { name: "on processes", value: beside[of] },
  });
  return [
    figure("the first verdict on screen, on containers", "first"),
    figure("npm run scenarios, in full, on containers", "whole"),
  ];
}

/** Runs the command as a user does. */
async function runOn(backend: "process" | "docker", reports: string): Promise<Run> {
  const began = performance.now();
  const args = ["run", "--backend", backend, "--seed", "1", "--reports", reports];
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let first: number | null = null;
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    if (/[✔✘?]/.test(text)) first ??= performance.now() - began;
  });
  const exit: unknown[] = await once(child, "close");
  const [code] = exit;
  const whole = (performance.now() - began) / 1_000;
  if (code !== 0) throw new Error(`the run ended with ${String(code)}:\n${text.slice(-2_000)}`);
  return { first: (first ?? Number.NaN) / 1_000, whole };
}
