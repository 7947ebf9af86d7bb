/** The walls between our own rooms: what a file of each may not import, and why. */

/** What a file may not import, and in one sentence why. A group is patterns as of .gitignore. */
export type Wall = { readonly message: string } & (
  | { readonly group: string[] }
  | { readonly regex: string }
);

export const service: Wall[] = [
  {
    group: ["../**", "!../*.ts", "../*.config.ts", "../../**"],
    message: "The reference app does not know that it is tested: it imports nothing of ours.",
  },
];
export const stranger: Wall[] = [
  {
    group: ["../**"],
    message:
      "A stranger's service knows nothing of threadproof, and shares no code with another one.",
  },
];
/** Its configuration imports what a stranger would, and nothing else of ours. */
export const description: Wall[] = [
  {
    group: ["../**", "!../../threadproof.ts"],
    message: "A stranger's configuration sees what the package exports.",
  },
];
export const scenario: Wall[] = [
  {
    group: ["../**", "!../harness", "!../harness/**"],
    message: "A scenario knows the harness, and no target: what is expected belongs to the target.",
  },
  {
    regex: "^(node:|zod$)",
    message: "A scenario plays with what its stage gives it: the language is the generator.",
  },
];
export const history: Wall[] = [
  {
    group: ["**"],
    message: "The history is the data that everything else is about: it imports nothing.",
  },
];
export const verdict: Wall[] = [
  {
    group: ["**", "!./history.ts"],
    message: "A verdict is about a history, and about nothing else.",
  },
];
const pure = "A checker is a pure function of a history: it imports history, verdict and checkers.";
export const checkers: Wall[] = [
  { group: ["../**", "!../history.ts", "!../verdict.ts"], message: pure },
  { regex: "^(node:|zod$)", message: pure },
];
export const continuity: Wall[] = [
  { group: ["../../**", "!../../history.ts", "!../../verdict.ts"], message: pure },
  { regex: "^(node:|zod$)", message: pure },
];
export const report: Wall[] = [
  {
    group: ["../**", "!../history.ts", "!../verdict.ts", "!../expectation.ts"],
    message: "A report is plain data, and each format a pure function of it: it sees only data.",
  },
];
export const root: Wall[] = [
  {
    group: ["../**"],
    message: "The harness knows no target: it imports nothing outside harness/.",
  },
  {
    group: ["./cli/**", "./bench/**"],
    message:
      "The engine knows nothing of the terminal: the command line imports it, not the reverse.",
  },
];
export const folder: Wall[] = [
  {
    group: ["../../**"],
    message: "The harness knows no target: it imports nothing outside harness/.",
  },
];
export const part: Wall[] = [
  ...folder,
  {
    regex: "^(\\.\\./)+((run|suite|ground)\\.ts$|(cli|bench)/)",
    message: "run and suite join the parts: a part that imports them cannot be used without them.",
  },
];
export const talk: Wall[] = [
  ...part,
  {
    group: ["../*.ts", "!../random.ts"],
    message: "Talk is how one talks with any service: it knows no turn, no hold and no history.",
  },
];
