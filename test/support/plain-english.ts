/** Finds idioms that CONTRIBUTING.md forbids in texts that people read. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

interface Idiom {
  readonly name: string;
  readonly pattern: RegExp;
  /** Texts that contain the idiom, and texts that do not. */
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

/** The beginning of a sentence, and the rest of a sentence that does not end with "?". */
const begin = String.raw`(?<=^\s*|[.;:!?]\s+|["'(]|\n\s*\n\s*)`;
const noQuestion = String.raw`(?![^.!?]*\?)`;

export const idioms: readonly Idiom[] = [
  {
    name: "told",
    pattern: /\btold\b/gi,
    bad: ["a mistake is told with its line"],
    good: ["the message names its line"],
  },
  {
    name: "nobody",
    pattern: /\bnobody\b/gi,
    bad: ["a hook that kills nobody"],
    good: ["a hook without effect"],
  },
  {
    name: "heard",
    pattern: /\bheard\b/gi,
    bad: ["what was heard of it"],
    good: ["the response"],
  },
  {
    name: "who … as a subject",
    pattern: new RegExp(String.raw`${begin}Who\b${noQuestion}`, "g"),
    bad: ["Who waits looks into the thread.", "It waits. Who does not, fails."],
    good: ["Who calls this?", "A client who waits reads the thread."],
  },
  {
    name: "so many … (without as or that)",
    pattern: /\bso (many|much|long)\b(?!(\s+\S+){0,4}?\s+(as|that)\b)(?!\s+(as|that)\b)/gi,
    bad: ["it waits for so long", "after so many calls"],
    good: ["so long as it runs", "so many replicas that they wait"],
  },
  {
    name: "is none",
    pattern: /\b(is|are|was|were)\s+none\b/gi,
    bad: ["a message that is none"],
    good: ["none of them is ready"],
  },
  {
    name: "of its own",
    pattern: /\bof\s+(its|their|one's|his|her|our)\s+own\b/gi,
    bad: ["a process of its own"],
    good: ["its own process", "a scenario of your own"],
  },
  {
    name: "stands (for: is)",
    pattern: /\b(stands?|stood)\b(?!-|\s+for\b)/gi,
    bad: ["where nothing stands", "it stands still"],
    good: ["a stand-in", "L4 stands for linearizable"],
  },
  {
    name: "there is … that",
    pattern: /\bthere\s+(is|are|was|were)\s+(?:[\w-]+\s+){0,3}that\b/gi,
    bad: ["there is nothing that waits"],
    good: ["there is no such file"],
  },
  {
    name: "what … is …",
    pattern: new RegExp(
      String.raw`${begin}What\b${noQuestion}[^.!?:]*\s(is|are|was|were)\s[^.!?]*\.`,
      "g",
    ),
    bad: ["What is skipped is reported."],
    good: ["What is a replica?", "Skipped tests are reported."],
  },
];

interface Text {
  readonly text: string;
  /** The number of its first line, from 1. */
  readonly line: number;
}

export interface Offence {
  readonly line: number;
  readonly idiom: string;
  /** The line that contains the idiom. */
  readonly excerpt: string;
}

/** Every idiom in the texts of a file. */
export function offencesIn(file: string, content: string): Offence[] {
  return textsOf(file, content).flatMap(({ text, line }) =>
    idioms.flatMap(({ name, pattern }) =>
      [...text.matchAll(pattern)].map(({ index }) => {
        const before = text.slice(0, index).split("\n");
        const excerpt = text.split("\n")[before.length - 1] ?? "";
        return { line: line + before.length - 1, idiom: name, excerpt: excerpt.trim() };
      }),
    ),
  );
}

/** The offences in all files whose paths begin with `part`, as "file:line: idiom: text". */
export function offencesUnder(root: string, part = ""): string[] {
  const args = ["ls-files", "-co", "--exclude-standard"];
  const files = execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n");
  return files
    .filter((it) => it.startsWith(part) && !exempt.test(it) && existsSync(`${root}/${it}`))
    .filter((it) => it !== "")
    .flatMap((file) =>
      offencesIn(file, readFileSync(`${root}/${file}`, "utf8")).map(
        ({ line, idiom, excerpt }) => `${file}:${line}: ${idiom}: ${excerpt}`,
      ),
    );
}

/** Recorded output, the files whose examples break the rules, and the name of a system user. */
const exempt =
  /^reports\/sample\/|^test\/(support\/)?plain-english\.|^harness\/machine\/postgres\/account\.ts$/;

/** The texts of a file that people read: prose, comments, and strings of code. */
export function textsOf(file: string, content: string): Text[] {
  if (file.endsWith(".md")) return paragraphsOf(content);
  if (/\.(ts|js)$/.test(file)) return textsOfCode(content);
  if (/\.(ya?ml|py|sh)$|(^|\/)(Dockerfile|run)$/.test(file)) return hashCommentsOf(content);
  return [];
}

/** Comments, with successive lines as one; strings; and regular expressions, to skip them. */
const tokens =
  /(?<comment>(?:\/\/.*(?:\n[ \t]*(?=\/\/))?)+|\/\*[^]*?\*\/)|(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?<=(?:[(,=:[!&|?{};]|=>|return)\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*\/[a-z]*/g;

function textsOfCode(content: string): Text[] {
  return [...content.matchAll(tokens)].flatMap(({ 0: whole, index, groups = {} }) => {
    const line = content.slice(0, index).split("\n").length;
    if (groups["comment"] !== undefined) {
      return [{ line, text: whole.replaceAll(/^[ \t]*(\/\/|\/?\*+\/?)|\*\/$/gm, "") }];
    }
    if (groups["string"] === undefined) return [];
    // The expressions in a template are code.
    return [{ line, text: whole.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, "…") }];
  });
}

/** The lines of prose. Blocks of code become empty lines, so that line numbers stay right. */
function paragraphsOf(content: string): Text[] {
  const text = content.replaceAll(/^ *```[^]*?^ *```/gm, (it) => it.replaceAll(/[^\n]/g, ""));
  return [{ line: 1, text: text.replaceAll(/`[^`\n]*`/g, "`…`") }];
}

function hashCommentsOf(content: string): Text[] {
  const text = content
    .split("\n")
    .map((it) => /(?:^|\s)#(?!!)\s?(.*)$/.exec(it)?.[1] ?? "")
    .join("\n");
  return [{ line: 1, text }];
}
