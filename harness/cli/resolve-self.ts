import { registerHooks } from "node:module";

/**
 * Resolves "threadproof" in a configuration or scenario to the running copy. Another copy, beside
 * that file, would have its own module state.
 */
export function resolveSelf(): void {
  const face = import.meta.url.endsWith(".ts") ? "../threadproof.ts" : "../threadproof.js";
  const url = new URL(face, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "threadproof" ? { url, shortCircuit: true } : next(specifier, context),
  });
}
