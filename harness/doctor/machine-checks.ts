import { memoryRoomBytes } from "../machine/scratch.ts";
import { backendNames } from "../deployment/backends.ts";
import type { Check } from "./check.ts";
import type { Docker, Machine, Room } from "./machine-facts.ts";

const neededNode = 24;
/** Space for the databases of a few scenarios, if there is no memory file system. */
const temporaryRoomBytes = 512 * 1024 ** 2;

/** For checks that every backend needs. */
const all = backendNames;

/** All checks of a machine, each with a remedy if it fails. */
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
  const wayOut = `: threadproof needs ${neededNode}. npm ci installs it, and npx threadproof uses it`;
  return { name: "node", ok, needed: all, says: `Node ${node}${ok ? "" : wayOut}` };
}

function postgresCheck({ postgres }: Machine): Check {
  const name = "postgres";
  const needed = ["process"] as const;
  if (!postgres.ok) return { name, ok: false, needed, says: postgres.why };
  const { version, account } = postgres;
  const as =
    account === null ? "" : `, as user ${account}, because Postgres refuses to run as root`;
  return { name, ok: true, needed, says: `Postgres ${version} from npm runs here${as}` };
}

function portCheck({ port }: Machine): Check {
  const says = port.ok ? `a port is free: 127.0.0.1:${port.port}` : port.why;
  return { name: "ports", ok: port.ok, needed: all, says };
}

function temporaryCheck({ temporary }: Machine): Check {
  const name = "temporary folder";
  if (!temporary.ok) return { name, ok: false, needed: all, says: temporary.why };
  const ok = temporary.freeBytes >= temporaryRoomBytes;
  const wayOut = `: needs ${amount(temporaryRoomBytes)}. Free some space, or set TMPDIR to another folder`;
  return { name, ok, needed: all, says: `${free(temporary)}${ok ? "" : wayOut}` };
}

function memoryCheck({ memory }: Machine): Check {
  const base = { name: "memory", needed: [] };
  if (memory === null) {
    return { ...base, ok: true, says: "no memory file system: databases use the disk (slower)" };
  }
  const ok = memory.freeBytes >= memoryRoomBytes;
  const wayOut =
    `: databases use the disk (slower). ` +
    `Increase it to ${amount(memoryRoomBytes)} (in a container: --shm-size)`;
  return { ...base, ok, says: `${free(memory)}${ok ? ", for databases" : wayOut}` };
}

function coresCheck({ cores }: Machine): Check {
  const says = cores === 1 ? "1 core: runs are faster with two" : `${cores} cores`;
  return { name: "cores", ok: cores > 1, needed: [], says };
}

function gitCheck({ git }: Machine): Check {
  const without = "git not found: install it, so that reports name the commit";
  return { name: "git", ok: git !== null, needed: [], says: git === null ? without : `git ${git}` };
}

/** Without libfaketime, a preloaded module sets the clock of Node processes. */
function clockCheck({ libfaketime }: Machine): Check {
  const base = { name: "clocks", ok: true, needed: [] };
  if (libfaketime !== null) return { ...base, says: `${libfaketime} sets the clock of replicas` };
  const says = "a preload sets the clock of Node; for other programs: apt install faketime";
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
    ...(here.length > 0 ? [`available: ${here.join(", ")}`] : []),
    ...(away.length > 0 ? [`can be pulled: ${away.join(", ")}`] : []),
    ...(nowhere.length > 0
      ? [
          `neither available nor pullable: ${nowhere.join(", ")} ` +
            "(give the engine access to the registry, or use docker load)",
        ]
      : []),
  ];
  return { name: "images", ok: nowhere.length === 0, needed: ["docker"], says: parts.join("; ") };
}

/** The watchdog cleans up after a killed run. The reaper does so if the watchdog died too. */
function reaperCheck({ reaper }: Docker): Check {
  const base = { name: "reaper", needed: [] };
  if (reaper.disabled) {
    const says =
      "TESTCONTAINERS_RYUK_DISABLED is true: unset it. Now only the watchdog cleans up after a kill";
    return { ...base, ok: false, says };
  }
  const { name, place } = reaper;
  const messages = {
    here: `available: ${name}`,
    registry: `can be pulled: ${name}`,
    nowhere:
      `neither available nor pullable: ${name}. Use docker load. ` +
      "Now only the watchdog cleans up after a kill",
  };
  return { ...base, ok: place !== "nowhere", says: messages[place] };
}

function free({ folder, freeBytes }: Room): string {
  return `${amount(freeBytes)} free in ${folder}`;
}

function amount(bytes: number): string {
  const gigabytes = bytes / 1024 ** 3;
  if (gigabytes >= 10) return `${Math.round(gigabytes)} GB`;
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GB` : `${Math.round(bytes / 1024 ** 2)} MB`;
}
