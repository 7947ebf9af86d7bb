import { readFileSync } from "node:fs";
import { code, table } from "./page.ts";

/** A fault as its source documents it. */
export interface DocumentedFault {
  readonly name: string;
  readonly file: string;
  /** `kill(replica: Replica)`. */
  readonly signature: string;
  readonly does: string;
  readonly effect: string;
  readonly heal: string;
}

/** The faults that the registry exports, in its order. Throws for one without documentation. */
export function documentedFaults(root: string): DocumentedFault[] {
  const folder = `${root}/harness/faults`;
  const registry = readFileSync(`${folder}/registry.ts`, "utf8");
  const exports = [...registry.matchAll(/export \{([^}]*)\} from "\.\/([\w-]+\.ts)"/g)];
  return exports.flatMap(([, names = "", file = ""]) => {
    const source = readFileSync(`${folder}/${file}`, "utf8");
    const all = names.split(",").map((name) => name.trim());
    return all.filter((name) => name !== "").map((name) => documentedFault(source, name, file));
  });
}

/** Reads the comment and the parameters of one `export const NAME = defineFault(…)`. */
export function documentedFault(source: string, name: string, file: string): DocumentedFault {
  const at = source.indexOf(`export const ${name} = defineFault(`);
  const comment = at < 0 ? null : /\/\*\*((?:(?!\*\/)[^])*)\*\/\n$/.exec(source.slice(0, at));
  const [, parameters] = /"\w+",\s*\(([^)]*)\)/.exec(source.slice(at)) ?? [];
  const [does = "", ...tags] = (comment?.[1] ?? "")
    .replaceAll(/\n\s*\* ?/g, " ")
    .trim()
    .split(/\s+@/);
  const tag = (wanted: string): string =>
    tags
      .find((it) => it.startsWith(`${wanted} `))
      ?.slice(wanted.length)
      .trim() ?? "";
  const fault = { name, file, does, effect: tag("effect"), heal: tag("heal") };
  if (parameters === undefined || [does, fault.effect, fault.heal].includes("")) {
    throw new Error(`${file}: the comment of ${name} needs a sentence, @effect and @heal`);
  }
  const list = parameters.replaceAll(/\s+/g, " ").trim().replace(/,$/, "");
  return { ...fault, signature: `${name}(${list})` };
}

/** Which scenarios use a fault: by import, or through an engine function that they import. */
export function usersOf(root: string, scenarios: readonly string[]): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const scenario of scenarios) {
    const source = readFileSync(`${root}/scenarios/${scenario}.ts`, "utf8");
    const engine = [...source.matchAll(/"\.\.\/harness\/(engine\/[\w-]+\.ts)"/g)];
    const through = engine.map(([, file = ""]) => readFileSync(`${root}/harness/${file}`, "utf8"));
    for (const fault of new Set([source, ...through].flatMap(faultsIn))) {
      users.set(fault, [...(users.get(fault) ?? []), scenario]);
    }
  }
  return users;
}

/** The names that a source imports from the room of faults. */
function faultsIn(source: string): string[] {
  const imports = source.matchAll(/import (?!type)\{([^}]*)\} from "[./]+(?:harness\/)?faults\//g);
  return [...imports].flatMap(([, names = ""]) =>
    names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  );
}

export function faultSections(
  faults: readonly DocumentedFault[],
  users: Map<string, string[]>,
): string {
  return faults
    .map((fault) => {
      const scenarios = (users.get(fault.name) ?? []).map((it) => `[${it}](scenarios.md#${it})`);
      const rows = [
        ["takes effect if", fault.effect],
        ["healing", fault.heal],
        ["used by", scenarios.length === 0 ? "–" : scenarios.join(", ")],
        ["source", `[${fault.file}](../harness/faults/${fault.file})`],
      ];
      const [head = [], ...others] = rows;
      return `### ${fault.name}\n\n${code(fault.signature)}\n\n${fault.does}\n\n${table(head, others)}`;
    })
    .join("\n\n");
}
