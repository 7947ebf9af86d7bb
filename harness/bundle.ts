import { existsSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { build } from "esbuild";

/**
 * Makes one JavaScript file of an entry, once per run: importing the packages of an agent plainly
 * costs a third of a second, the bundle a third of that. Answers the path of the bundle.
 */
export class Bundles {
  readonly #made = new Map<string, Promise<string>>();
  readonly #from: string;
  readonly #to: string;

  /** Entries are relative to `from`; bundles are written to `to`. */
  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  /** A command line with each `${bundle:FILE}` replaced by the path of its bundle. */
  async fill(line: string): Promise<string> {
    const entries = [...line.matchAll(/\$\{bundle:([^}]+)\}/g)];
    let filled = line;
    for (const [whole, entry = ""] of entries)
      filled = filled.replace(whole, `"${await this.#of(entry)}"`);
    return filled;
  }

  #of(entry: string): Promise<string> {
    const known = this.#made.get(entry) ?? this.#make(entry);
    this.#made.set(entry, known);
    return known;
  }

  async #make(entry: string): Promise<string> {
    const given = resolve(this.#from, entry);
    // In the published package the same entry has been compiled.
    const source = [given, given.replace(/\.ts$/, ".js")].find((file) => existsSync(file));
    if (source === undefined)
      throw new Error(`there is no ${given} to bundle: \${bundle:${entry}}`);
    const outfile = join(this.#to, `${basename(source, extname(source))}-${this.#made.size}.mjs`);
    await build({
      entryPoints: [source],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      target: `node${process.versions.node}`,
      // Half the bytes are half the parsing at each start; names are kept for stack traces.
      minify: true,
      keepNames: true,
      logLevel: "silent",
      external: ["pg-native"],
      // CommonJS packages inside an ES module ask for these.
      banner: {
        js: [
          'import { createRequire as __createRequire } from "node:module";',
          "const require = __createRequire(import.meta.url);",
        ].join("\n"),
      },
    });
    return outfile;
  }
}
