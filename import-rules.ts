/** The allowed imports of each folder, as a table. oxlint enforces it, and its test breaks it. */

interface Room {
  readonly name: string;
  /** A room imports only rooms on a lower floor. */
  readonly floor: number;
  /** One line for docs/architecture.md. */
  readonly holds: string;
  /** Lower rooms that it still may not import, with the reason. */
  readonly not?: readonly [rooms: readonly string[], why: string];
  /** It may not import Node modules either, because verdicts depend only on the history. */
  readonly isPure?: true;
}

/** The rooms of harness/, lowest floor first. */
export const rooms: readonly Room[] = [
  {
    name: "history",
    floor: 1,
    holds: "the recorded events of a run: entries, header, turns, points, tokens",
  },
  {
    name: "checkers",
    floor: 2,
    holds: "pure functions from a history to a verdict, and the diagnoses",
    isPure: true,
  },
  { name: "wires", floor: 2, holds: "one folder per wire: ingress, model, tools, database" },
  {
    name: "config",
    floor: 3,
    holds: "the configuration file: schema, reading, errors",
    not: [["wires"], "it describes a service and does not start one"],
  },
  {
    name: "machine",
    floor: 3,
    holds: "the resources of this computer: Postgres, Docker, the watchdog, ports",
    not: [["checkers"], "it depends only on this computer"],
  },
  {
    name: "report",
    floor: 3,
    holds: "the result, and one pure function per report format",
    not: [["wires"], "a report is a function of plain data"],
  },
  {
    name: "deployment",
    floor: 4,
    holds: "replicas of a service, as processes, in Docker, or at a URL",
    not: [["checkers", "report"], "only checkers judge"],
  },
  {
    name: "client",
    floor: 5,
    holds: "conversations: sessions, HTTP, streams, jobs, reads",
    not: [["checkers", "report"], "only checkers judge"],
  },
  {
    name: "faults",
    floor: 6,
    holds: "one file per fault",
    not: [["checkers", "report"], "only checkers judge"],
  },
  { name: "engine", floor: 7, holds: "scenarios, the stage, a run, a suite, the sweep, replay" },
  { name: "doctor", floor: 8, holds: "checks of this machine and of a configuration" },
  { name: "cli", floor: 9, holds: "one file per command; the only room that prints" },
];

/** The folders beside harness/, and their allowed imports from other folders. */
export const folders: readonly {
  readonly files: readonly string[];
  readonly may: readonly string[];
  readonly why: string;
  readonly isPure?: true;
}[] = [
  {
    files: ["reference-app/*.ts"],
    may: [],
    why: "The reference app is independent of the harness: it imports nothing outside its folder.",
  },
  {
    files: ["reference-app/mistakes/*.ts"],
    may: ["../*.ts"],
    why: "A mistake replaces a part of the reference app and imports only that app.",
  },
  {
    files: ["examples/*/*.ts"],
    may: ["../../harness/threadproof.ts"],
    why: "An example imports only the package, and no other example.",
  },
  {
    files: ["scenarios/*.ts"],
    may: ["history", "checkers", "faults", "engine"].map((room) => `../harness/${room}/**`),
    why: "A scenario imports faults, checkers and the engine, and no service under test.",
    isPure: true,
  },
];

/** Where each third-party package may be imported. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  "@balena/dockerignore": ["harness/machine/docker/*.ts"],
  "@copilotkit/aimock": ["harness/wires/model/model-wire.ts"],
  "@langchain": ["reference-app/*.ts", "reference-app/mistakes/*.ts"],
  ctrf: ["harness/report/ctrf.ts"],
  commander: ["harness/cli/*.ts"],
  esbuild: ["harness/machine/bundle.ts"],
  "eventsource-parser": ["harness/client/stream-reader.ts"],
  execa: ["harness/machine/command.ts"],
  express: ["reference-app/*.ts", "reference-app/mistakes/*.ts"],
  "json-p3": ["harness/config/json-path.ts"],
  leven: ["harness/config/did-you-mean.ts"],
  nanotar: ["harness/machine/docker/*.ts"],
  "p-map": ["harness/engine/parallel.ts"],
  pg: [
    "bench/*.ts",
    "examples/*/*.ts",
    "harness/machine/postgres/*.ts",
    "reference-app/*.ts",
    "reference-app/mistakes/*.ts",
  ],
  testcontainers: ["harness/machine/docker/*.ts", "harness/deployment/docker/*.ts"],
  tinybench: ["bench/*.ts"],
  "toxiproxy-node-client": ["harness/wires/database/toxiproxy.ts"],
  undici: ["bench/*.ts", "harness/client/http-client.ts", "harness/wires/ingress/ingress.ts"],
  yaml: ["harness/config/yaml-document.ts"],
  "yocto-spinner": ["harness/report/progress.ts"],
};

/** Packages that only tests import, and packages that tests may import as well. */
export const forTests = ["ajv", "fast-check", "vitest"];
export const alsoInTests = ["ctrf", "@langchain", "pg", "testcontainers", "undici", "yaml"];

type Pattern = { readonly message: string } & (
  | { readonly group: readonly string[] }
  | { readonly regex: string }
);

/** zod is allowed, because schemas are data. */
const noNode = (message: string): Pattern => ({ regex: "^node:", message });

/** Imports that the files of a room may not have. */
function boundsOf({ floor, name, not: [never, why] = [[], ""], isPure }: Room): Pattern[] {
  const above = rooms.filter((it) => it.name !== name && it.floor >= floor);
  const outside = "(reference-app|scenarios|examples|bench|test)/|threadproof\\.(config\\.)?ts$";
  const patterns: Pattern[] = [
    {
      regex: `^(\\.\\./)+(${[...above.map((it) => `${it.name}/`), outside].join("|")})`,
      message: `harness/${name} is on floor ${floor}: it imports only rooms on lower floors.`,
    },
  ];
  if (never.length > 0) {
    const message = `harness/${name} may not import ${never.join(" or ")}: ${why}.`;
    patterns.push({ regex: `^(\\.\\./)+(${never.join("|")})/`, message });
  }
  if (isPure === true) patterns.push(noNode(`harness/${name} contains only pure functions.`));
  return patterns;
}

/** The rules of a group of files and of its tests. */
function bounds(files: readonly string[], patterns: readonly Pattern[]) {
  const rule = (all: readonly Pattern[]) => ({
    "no-restricted-imports": ["error", { patterns: all }] as ["error", object],
  });
  const foreign = (of: readonly string[]): Pattern[] =>
    of.map((name) => ({
      group: [name, `${name}/**`],
      message: `Only ${(packages[name] ?? ["tests"]).join(", ")} may import ${name}.`,
    }));
  const all = [...Object.keys(packages), ...forTests];
  const homes = files.map((file) => file.replace(/[^/]+$/, "").replace("*/", ""));
  /** The files of this group that may import a package. A later override allows it. */
  const places = new Set(
    Object.values(packages)
      .flat()
      .filter((place) => homes.some((home) => place.startsWith(home))),
  );
  const allowedIn = (place: string): string[] =>
    all.filter((name) => packages[name]?.includes(place) !== true);
  return [
    { files: [...files], rules: rule([...patterns, ...foreign(all)]) },
    ...[...places].map((place) => ({
      files: [place],
      rules: rule([...patterns, ...foreign(allowedIn(place))]),
    })),
    {
      files: files.map((file) => file.replace(/\.ts$/, ".test.ts")),
      rules: rule([
        ...patterns.filter((it) => !("regex" in it) || !it.regex.includes("|test)")),
        ...foreign(all.filter((name) => ![...forTests, ...alsoInTests].includes(name))),
      ]),
    },
  ];
}

/** Overrides for oxlint: a later one replaces an earlier one for files that match both. */
export const importRules = [
  ...bounds(
    ["harness/threadproof.ts"],
    [
      {
        regex: "^(\\./(doctor|cli)|\\.\\.)/",
        message: "The package exports no doctor and no command line.",
      },
    ],
  ),
  ...rooms.flatMap((room) =>
    bounds([`harness/${room.name}/*.ts`, `harness/${room.name}/*/*.ts`], boundsOf(room)),
  ),
  ...folders.flatMap(({ files, may, why, isPure }) =>
    bounds(files, [
      { group: ["../**", ...may.map((it) => `!${it}`)], message: why },
      ...(isPure === true ? [{ regex: "^(node:|zod$)", message: why }] : []),
    ]),
  ),
  ...bounds(["bench/*.ts"], []),
  ...bounds(["docs/generate/*.ts"], []),
];
