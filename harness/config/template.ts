/**
 * Fills the `${names}` of a template. A value that is nothing but one name keeps the type of what
 * it names; an object loses the fields whose value is `undefined`, so that a field can be absent.
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

/**
 * Fills a template into a text. Throws where a name is not known: a typing mistake, told at once.
 */
export function fillText(text: string, names: Readonly<Record<string, unknown>>): string {
  return text.replace(/\$\{([\w-]+)\}/g, (_, name: string) => {
    if (name in names) return String(names[name]);
    const known = Object.keys(names).map((it) => `\${${it}}`);
    throw new Error(`\${${name}} in "${text}" is not known here; there are ${known.join(", ")}`);
  });
}
