/**
 * The public face of the package: what a `threadproof.config.ts` and a scenario file import.
 */
export { violated } from "./expectation.ts";
export { scenario } from "./scenario.ts";
export { command, defineConfig, url } from "./target/configuration.ts";
