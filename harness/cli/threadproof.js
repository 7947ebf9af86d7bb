#!/usr/bin/env node
// Plain JavaScript that any Node can read: it says which Node is needed before newer things load.
import { existsSync } from "node:fs";

const needed = 24;
const [major] = process.versions.node.split(".");

if (Number(major) < needed) {
  console.error(
    `threadproof needs Node ${needed} or newer; this is Node ${process.versions.node}.`,
  );
  process.exitCode = 70;
} else {
  // A checkout has both after `npm pack`: there the sources are what is meant.
  const source = new URL("./main.ts", import.meta.url);
  const compiled = new URL("../../dist/harness/cli/main.js", import.meta.url);
  await import(existsSync(source) ? source.href : compiled.href);
}
