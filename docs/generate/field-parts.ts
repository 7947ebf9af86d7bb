/** The fields of the configuration, as its JSON Schema describes them. */
import { code, table } from "./page.ts";

/** As much of a JSON Schema as the configuration uses. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: string | number | boolean | null;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/** A row of a table of fields. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
}

const requestFields = ["get", "post", "put", "patch", "delete", "headers", "json", "form", "text"];

/** Resolves references within one schema. */
export class FieldsOfSchema {
  readonly #root: Schema;

  constructor(root: Schema) {
    this.#root = root;
  }

  /**
   * The fields at a path: names, `*` for any key, `[]` for an item, `:command` for the alternative
   * of that kind. `targets.*.say.reply:job` are the fields of a job. The fields of a request are
   * left out where there are others.
   */
  at(path: string): Field[] {
    const found = new Map<string, Field>();
    const objects = this.#objectsAt(path);
    for (const object of objects) {
      for (const [name, schema] of Object.entries(object.properties ?? {})) {
        const field = this.#field(name, schema, object);
        found.set(name, mergedFields(found.get(name) ?? field, field));
      }
    }
    if (found.size === 0) throw new Error(`the configuration has no fields at ${path}`);
    const fields = [...found.values()];
    const own = fields.filter(({ name }) => !requestFields.includes(name));
    return own.length > 0 && objects.some(isRequest) ? own : fields;
  }

  /** Every field at any depth. */
  all(): Field[] {
    const seen = new Set<Schema>();
    const visit = (it: Schema): Field[] => {
      const schema = this.#resolved(it);
      if (seen.has(schema)) return [];
      seen.add(schema);
      const own = Object.entries(schema.properties ?? {});
      return [
        ...own.map(([name, field]) => this.#field(name, field, schema)),
        ...childrenOf(schema).flatMap(visit),
      ];
    };
    return visit(this.#root);
  }

  #objectsAt(path: string): Schema[] {
    const steps = path.match(/\[\]|:[\w-]+|[\w$*-]+/g) ?? [];
    let schemas = [this.#root];
    for (const step of steps) {
      schemas = schemas
        .flatMap((it) => this.#alternatives(it))
        .flatMap((it) => this.#step(it, step));
    }
    return schemas.flatMap((it) => this.#alternatives(it)).filter((it) => it.properties);
  }

  #step(schema: Schema, step: string): Schema[] {
    if (step.startsWith(":")) {
      const kind = this.#resolved(schema.properties?.["kind"] ?? {});
      const kinds = this.#alternatives(kind).flatMap((it) => it.enum ?? [it.const ?? null]);
      return kinds.includes(step.slice(1)) ? [schema] : [];
    }
    const next =
      step === "[]"
        ? schema.items
        : step === "*"
          ? schema.additionalProperties
          : schema.properties?.[step];
    return typeof next === "object" ? [next] : [];
  }

  #field(name: string, schema: Schema, object: Schema): Field {
    const { description = "", default: usual } = this.#resolved(schema);
    const isRequired = object.required?.includes(name) ?? false;
    return {
      name,
      type: this.#typeOf(schema),
      default: isRequired ? "required" : defaultText(usual),
      meaning: description.replace(/ Default: .*\.$/s, ""),
    };
  }

  /** What a reader writes there, in a few words. */
  #typeOf(it: Schema): string {
    const schema = this.#resolved(it);
    const { title, type, properties, items, additionalProperties } = schema;
    if (title !== undefined) return title.replace(/^an? /, "");
    const alternatives = schema.anyOf ?? (properties === undefined ? schema.oneOf : undefined);
    if (alternatives !== undefined) return this.#unionOf(alternatives);
    if (schema.const !== undefined) return code(String(schema.const));
    if (schema.enum !== undefined) return schema.enum.map((each) => code(String(each))).join(", ");
    if (Array.isArray(type)) return type.map(typeName).join(" or ");
    if (type === "array") return `list of ${this.#typeOf(items ?? {})}`;
    if (properties !== undefined) return isRequest(schema) ? "request" : "object";
    if (typeof additionalProperties === "object") {
      return `name → ${this.#typeOf(additionalProperties)}`;
    }
    return typeName(typeof type === "string" ? type : "any JSON");
  }

  #unionOf(alternatives: readonly Schema[]): string {
    // `${env:NAME}` may stand for any number, word or boolean: the page says so once.
    const own = alternatives.filter((it) => it.pattern?.startsWith("^\\$\\{env:") !== true);
    // The schema of JSON values refers to itself.
    if (own.length > 4) return "any JSON";
    return [...new Set(own.map((it) => this.#typeOf(it)))].join(" or ");
  }

  #resolved(schema: Schema): Schema {
    const name = /^#\/\$defs\/(.*)$/.exec(schema.$ref ?? "")?.[1];
    const target = name === undefined ? undefined : this.#root.$defs?.[name];
    return target === undefined ? schema : { ...this.#resolved(target), ...withoutRef(schema) };
  }

  #alternatives(it: Schema): Schema[] {
    const schema = this.#resolved(it);
    const own = schema.properties === undefined ? (schema.anyOf ?? schema.oneOf) : undefined;
    return own === undefined ? [schema] : own.flatMap((each) => this.#alternatives(each));
  }
}

export function fieldsTable(fields: readonly Field[]): string {
  return table(
    ["field", "type", "default", "meaning"],
    fields.map((it) => [code(it.name), it.type, it.default, it.meaning]),
  );
}

function isRequest({ properties = {} }: Schema): boolean {
  return "get" in properties && "post" in properties;
}

/** A field that several alternatives have: it has the types and meanings of each. */
function mergedFields(one: Field, other: Field): Field {
  const both = (a: string, b: string, between: string): string =>
    a.includes(b) ? a : `${a}${between}${b}`;
  const type = both(one.type, other.type, ", ");
  return { ...one, type, meaning: both(one.meaning, other.meaning, " ") };
}

function defaultText(usual: unknown): string {
  if (usual === undefined || JSON.stringify(usual) === "{}") return "–";
  return JSON.stringify(usual) === "[]" ? "none" : code(JSON.stringify(usual));
}

function typeName(type: string): string {
  return { boolean: "true or false", string: "text", integer: "number" }[type] ?? type;
}

function withoutRef({ $ref: _, ...others }: Schema): Schema {
  return others;
}

function childrenOf({ properties, items, additionalProperties, anyOf, oneOf }: Schema): Schema[] {
  const values = typeof additionalProperties === "object" ? [additionalProperties] : [];
  const item = items === undefined ? [] : [items];
  return [
    ...Object.values(properties ?? {}),
    ...item,
    ...values,
    ...(anyOf ?? []),
    ...(oneOf ?? []),
  ];
}
