import { registerHooks } from "node:module";

/**
 * Lets a configuration or a scenario that imports "threadproof" have the one that runs it, wherever
 * that is installed: another copy of it beside the file would be another program.
 */
export function resolveSelf(): void {
  const face = import.meta.url.endsWith(".ts") ? "../threadproof.ts" : "../threadproof.js";
  const url = new URL(face, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "threadproof" ? { url, shortCircuit: true } : next(specifier, context),
  });
}
