/**
 * Fills the `${names}` of a template. A value that consists of one name keeps the type of the named
 * value. Object fields whose value becomes `undefined` are removed.
 */
export function fill(value: unknown, names: Readonly<Record<string, unknown>>): unknown {
  if (typeof value === "string") {
    const whole = /^\$\{([\w-]+)\}$/.exec(value)?.[1];
    if (whole !== undefined && whole in names) return names[whole];
    return fillText(value, names);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, fill(item, names)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

/** Fills a template into a string. Throws for an unknown name. */
export function fillText(text: string, names: Readonly<Record<string, unknown>>): string {
  return text.replace(/\$\{([\w-]+)\}/g, (_, name: string) => {
    if (name in names) return String(names[name]);
    const known = Object.keys(names).map((it) => `\${${it}}`);
    throw new Error(`unknown variable \${${name}} in "${text}"; allowed: ${known.join(", ")}`);
  });
}
