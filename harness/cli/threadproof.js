#!/usr/bin/env node
// Plain JavaScript, so that an older Node can load it and print which version is needed.
import { existsSync } from "node:fs";

const needed = 24;
const [major] = process.versions.node.split(".");

if (Number(major) < needed) {
  console.error(
    `threadproof needs Node ${needed} or newer, and this is Node ${process.versions.node}: ` +
      `install a newer one, or add it to this project with npm install --save-dev node@${needed}`,
  );
  process.exitCode = 70;
} else {
  // After `npm pack` a checkout contains both: use its sources.
  const source = new URL("./main.ts", import.meta.url);
  const compiled = new URL("../../dist/harness/cli/main.js", import.meta.url);
  await import(existsSync(source) ? source.href : compiled.href);
}
