import { parse } from "@babel/parser";
import type { Document } from "./document.ts";

/**
 * Where things stand in a TypeScript or JavaScript configuration. Only what is written down can be
 * found: object literals, also within calls such as `command({ … })`, and constants of the file.
 * Nothing is run here: `value` is what the module exports.
 */
export function scriptDocument(text: string, value: unknown): Document {
  const program = programOf(text);
  const constants = constantsOf(program);
  const exported = program.find((it) => it["type"] === "ExportDefaultDeclaration");
  return {
    value,
    lineOf(path) {
      let node = nodeOf(exported?.["declaration"]);
      let line = node === null ? null : lineOf(node);
      for (const key of path) {
        const written: Node | null = node === null ? null : partOf(node, key, constants, 0);
        if (written === null) break;
        line = lineOf(written);
        node = nodeOf(written["value"]) ?? written;
      }
      return line;
    },
  };
}

/** A node of the syntax tree, believed in as little as is needed. */
type Node = Readonly<Record<string, unknown>> & { readonly type: string };

function nodeOf(it: unknown): Node | null {
  return typeof it === "object" && it !== null && "type" in it && typeof it.type === "string"
    ? (it as Node)
    : null;
}

function nodesOf(it: unknown): Node[] {
  return Array.isArray(it) ? it.flatMap((item) => nodeOf(item) ?? []) : [];
}

/** Empty where it cannot be parsed: then Node has said so. */
function programOf(text: string): Node[] {
  try {
    const { program } = parse(text, { sourceType: "module", plugins: ["typescript"] });
    return nodesOf(program.body);
  } catch {
    return [];
  }
}

function constantsOf(program: readonly Node[]): Map<string, Node> {
  const declarations = program.flatMap((it) => nodesOf(it["declarations"]));
  const exported = program.flatMap((it) => nodesOf(nodeOf(it["declaration"])?.["declarations"]));
  return new Map(
    [...declarations, ...exported].flatMap((it): [string, Node][] => {
      const name = nodeOf(it["id"])?.["name"];
      const init = nodeOf(it["init"]);
      return typeof name === "string" && init !== null ? [[name, init]] : [];
    }),
  );
}

/** The property, or the element of a list, that stands for a key. */
function partOf(
  node: Node,
  key: PropertyKey,
  constants: ReadonlyMap<string, Node>,
  depth: number,
): Node | null {
  // A constant may be made of itself.
  if (depth > 50) return null;
  const within = (it: unknown): Node | null => {
    const inner = nodeOf(it);
    return inner === null ? null : partOf(inner, key, constants, depth + 1);
  };
  switch (node.type) {
    case "Identifier":
      return within(constants.get(String(node["name"])));
    case "CallExpression":
      return within(nodesOf(node["arguments"])[0]);
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return within(node["expression"]);
    case "ArrayExpression":
      return typeof key === "number" ? (nodesOf(node["elements"])[key] ?? null) : null;
    case "ObjectExpression": {
      // What stands later counts.
      const properties = nodesOf(node["properties"]).toReversed();
      for (const property of properties) {
        if (nameOf(property) === String(key)) return property;
        const spread = property.type === "SpreadElement" ? within(property["argument"]) : null;
        if (spread !== null) return spread;
      }
      return null;
    }
    default:
      return null;
  }
}

function nameOf(property: Node): string | null {
  const key = nodeOf(property["key"]);
  if (key === null || property["computed"] === true) return null;
  const name = key["name"] ?? key["value"];
  return typeof name === "string" || typeof name === "number" ? String(name) : null;
}

function lineOf(node: Node): number | null {
  const { loc } = node;
  if (typeof loc !== "object" || loc === null || !("start" in loc)) return null;
  const { start } = loc;
  if (typeof start !== "object" || start === null || !("line" in start)) return null;
  return typeof start.line === "number" ? start.line : null;
}
