/** Markdown pages whose facts come from code: text by hand, and parts between two markers. */

/** Replaces what is between `<!-- generated: NAME -->` and `<!-- /generated -->`. */
export function withParts(page: string, partOf: (name: string) => string): string {
  return page.replace(part, (_, open: string, name: string) => {
    return `${open}\n${partOf(name).trim()}\n<!-- /generated -->`;
  });
}

/** The names of the parts of a page, in order. */
export function partsIn(page: string): string[] {
  return [...page.matchAll(part)].map(([, , name = ""]) => name);
}

const part = /(<!-- generated: ([^\n]*?) -->)\n(?:(?!<!-- generated)[^])*?<!-- \/generated -->/g;

/** A Markdown table. Cells must not contain line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** What people read in a table for a list of names: each as code, or a dash. */
export function codes(texts: readonly string[]): string {
  return texts.length === 0 ? "–" : texts.map(code).join(", ");
}
