import { memoryRoomBytes } from "../machine/scratch.ts";
import { backendNames } from "../deployment/backends.ts";
import type { Check } from "./check.ts";
import type { Docker, Machine, Room } from "./machine-facts.ts";

const neededNode = 24;
/** A data folder with the databases of a few scenarios, where there is no memory file system. */
const temporaryRoomBytes = 512 * 1024 ** 2;

/** A new backend adds its checks here. */
const all = backendNames;

/** What a machine can do, and what to do about what it cannot. */
export function checksOf(machine: Machine): Check[] {
  return [
    nodeCheck(machine),
    postgresCheck(machine),
    portCheck(machine),
    temporaryCheck(machine),
    memoryCheck(machine),
    coresCheck(machine),
    gitCheck(machine),
    clockCheck(machine),
    ...dockerChecks(machine),
  ];
}

function nodeCheck({ node }: Machine): Check {
  const ok = Number.parseInt(node, 10) >= neededNode;
  const wayOut = `: threadproof needs ${neededNode}, which npm ci brings: npx threadproof uses it`;
  return { name: "node", ok, needed: all, says: `Node ${node}${ok ? "" : wayOut}` };
}

function postgresCheck({ postgres }: Machine): Check {
  const name = "postgres";
  const needed = ["process"] as const;
  if (!postgres.ok) return { name, ok: false, needed, says: postgres.why };
  const { version, account } = postgres;
  const as = account === null ? "" : `, as ${account}, because it does not run as root`;
  return { name, ok: true, needed, says: `Postgres ${version} from npm runs here${as}` };
}

function portCheck({ port }: Machine): Check {
  const says = port.ok ? `127.0.0.1:${port.port} is free, for one` : port.why;
  return { name: "ports", ok: port.ok, needed: all, says };
}

function temporaryCheck({ temporary }: Machine): Check {
  const name = "temporary folder";
  if (!temporary.ok) return { name, ok: false, needed: all, says: temporary.why };
  const ok = temporary.freeBytes >= temporaryRoomBytes;
  const wayOut = `: make it ${amount(temporaryRoomBytes)}, or set TMPDIR to a folder with room`;
  return { name, ok, needed: all, says: `${free(temporary)}${ok ? "" : wayOut}` };
}

function memoryCheck({ memory }: Machine): Check {
  const base = { name: "memory", needed: [] };
  if (memory === null) {
    return { ...base, ok: true, says: "no memory file system: databases are on disk, and slower" };
  }
  const ok = memory.freeBytes >= memoryRoomBytes;
  const wayOut =
    `: databases are on disk, and slower; ` +
    `give it ${amount(memoryRoomBytes)} (a container: --shm-size)`;
  return { ...base, ok, says: `${free(memory)}${ok ? ", for databases" : wayOut}` };
}

function coresCheck({ cores }: Machine): Check {
  const says = cores === 1 ? "1 core: two make a run shorter" : `${cores} cores`;
  return { name: "cores", ok: cores > 1, needed: [], says };
}

function gitCheck({ git }: Machine): Check {
  const without = "no git: install it, or reports name no commit";
  return { name: "git", ok: git !== null, needed: [], says: git === null ? without : `git ${git}` };
}

/** Without it the clocks of Node are set by what Node runs first. */
function clockCheck({ libfaketime }: Machine): Check {
  const base = { name: "clocks", ok: true, needed: [] };
  if (libfaketime !== null) return { ...base, says: `are set by ${libfaketime}` };
  const says = "of Node are set by a preload; for those of others apt install faketime";
  return { ...base, says };
}

function dockerChecks({ docker }: Machine): Check[] {
  const needed = ["docker"] as const;
  if (!docker.ok) return [{ name: "docker", ok: false, needed, says: docker.why }];
  const { version, address, cores, memoryBytes } = docker;
  const size = `${cores} cores, ${amount(memoryBytes)}`;
  return [
    { name: "docker", ok: true, needed, says: `engine ${version} at ${address} (${size})` },
    imagesCheck(docker),
    reaperCheck(docker),
  ];
}

function imagesCheck({ images }: Docker): Check {
  const at = (place: string) => images.filter((it) => it.place === place).map((it) => it.name);
  const [here, away, nowhere] = [at("here"), at("registry"), at("nowhere")];
  const parts = [
    ...(here.length > 0 ? [`${here.join(", ")} ${here.length > 1 ? "are" : "is"} here`] : []),
    ...(away.length > 0 ? [`${away.join(", ")} can be pulled`] : []),
    ...(nowhere.length > 0
      ? [
          `${nowhere.join(", ")} can neither be found nor pulled: ` +
            "let the engine reach the registry, or docker load them",
        ]
      : []),
  ];
  return { name: "images", ok: nowhere.length === 0, needed: ["docker"], says: parts.join("; ") };
}

/** The watchdog removes what a killed run leaves; the reaper, where the watchdog was killed too. */
function reaperCheck({ reaper }: Docker): Check {
  const base = { name: "reaper", needed: [] };
  if (reaper.disabled) {
    const says =
      "TESTCONTAINERS_RYUK_DISABLED is true: unset it, or only the watchdog tidies up after a kill";
    return { ...base, ok: false, says };
  }
  const { name, place } = reaper;
  const told = {
    here: `${name} is here`,
    registry: `${name} can be pulled`,
    nowhere:
      `${name} can neither be found nor pulled: docker load it, ` +
      "or only the watchdog tidies up after a kill",
  };
  return { ...base, ok: place !== "nowhere", says: told[place] };
}

function free({ folder, freeBytes }: Room): string {
  return `${amount(freeBytes)} free in ${folder}`;
}

function amount(bytes: number): string {
  const gigabytes = bytes / 1024 ** 3;
  if (gigabytes >= 10) return `${Math.round(gigabytes)} GB`;
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GB` : `${Math.round(bytes / 1024 ** 2)} MB`;
}
