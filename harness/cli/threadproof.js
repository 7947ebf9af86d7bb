#!/usr/bin/env node
// Plain JavaScript that any Node can read: it says which Node is needed before anything newer is loaded.
import { existsSync } from "node:fs";

const needed = 24;
const [major] = process.versions.node.split(".");

if (Number(major) < needed) {
  console.error(
    `threadproof needs Node ${needed} or newer; this is Node ${process.versions.node}.`,
  );
  process.exitCode = 70;
} else {
  const compiled = new URL("../../dist/harness/cli/main.js", import.meta.url);
  await import(existsSync(compiled) ? compiled.href : new URL("./main.ts", import.meta.url).href);
}
