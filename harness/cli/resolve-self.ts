import { registerHooks } from "node:module";

/**
 * A configuration or scenario that imports "threadproof" gets the copy that runs it: another copy,
 * installed next to the file, would have its own state.
 */
export function resolveSelf(): void {
  const face = import.meta.url.endsWith(".ts") ? "../threadproof.ts" : "../threadproof.js";
  const url = new URL(face, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "threadproof" ? { url, shortCircuit: true } : next(specifier, context),
  });
}
