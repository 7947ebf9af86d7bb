/**
 * A value that a JSON schema allows: each string in it is `text`, each number 1. From an enum it
 * takes a value such as "end" or "finish", so that a graph routed by it ends.
 */
export function exampleOf(schema: unknown, text: string): unknown {
  const it = isObject(schema) ? schema : {};
  const { enum: choices, anyOf, oneOf, properties, items, const: constant } = it;
  if (constant !== undefined) return constant;
  if (Array.isArray(choices)) return chosen(choices);
  const [first] = [anyOf, oneOf].flatMap((of) => (Array.isArray(of) ? (of as unknown[]) : []));
  if (first !== undefined) return exampleOf(first, text);
  const type: unknown = Array.isArray(it["type"]) ? it["type"][0] : it["type"];
  if (type === "object" || isObject(properties)) {
    const fields = Object.entries(isObject(properties) ? properties : {});
    return Object.fromEntries(fields.map(([name, field]) => [name, exampleOf(field, text)]));
  }
  if (type === "array") return [exampleOf(items, text)];
  if (type === "number" || type === "integer") return 1;
  if (type === "boolean") return true;
  return type === "null" ? null : text;
}

const ending = /^(__)?(finish(ed)?|end|done|stop|respond|answer)(__)?$/i;

function chosen(choices: readonly unknown[]): unknown {
  return choices.find((it) => typeof it === "string" && ending.test(it)) ?? choices[0];
}

function isObject(it: unknown): it is Readonly<Record<string, unknown>> {
  return typeof it === "object" && it !== null;
}
