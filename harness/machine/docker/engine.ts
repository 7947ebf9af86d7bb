import { existsSync, readFileSync } from "node:fs";
import { request as overHttp, type RequestOptions } from "node:http";
import { request as overHttps } from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";

/** The images of all containers, except the reaper's. */
export const images = {
  ingress: "haproxy:3.0-alpine",
  database: "postgres:17-alpine",
  databaseWire: "ghcr.io/shopify/toxiproxy:2.12.0",
  node: "node:24-slim",
} as const;

/** The image of Ryuk, which removes what a killed harness left. As in testcontainers 12.2. */
export function reaperImage(environment: Variables = process.env): string {
  return environment["RYUK_CONTAINER_IMAGE"] || "testcontainers/ryuk:0.14.0";
}

type Variables = Readonly<Record<string, string | undefined>>;

/** An engine that answers. */
export interface DockerEngine {
  readonly ok: true;
  /** "unix:///var/run/docker.sock". */
  readonly address: string;
  readonly version: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** "here": on the engine; "registry": the engine could pull it. Pulls nothing. */
  place(image: string): Promise<"here" | "registry" | "nowhere">;
}

export interface NoDockerEngine {
  readonly ok: false;
  /** One sentence with the reason and the way out. */
  readonly why: string;
}

interface EngineOptions {
  /** The socket of the machine's shared engine. */
  readonly socket: string;
  /** Time limit for the engine's answers. */
  readonly answerMs: number;
  /** Time limit for a question that the engine passes on to a registry. */
  readonly registryMs: number;
}

const usual: EngineOptions = {
  socket: "/var/run/docker.sock",
  answerMs: 3_000,
  registryMs: 10_000,
};

/**
 * Finds the engine of DOCKER_HOST; without it the machine's engine, then the user's, in the order
 * of testcontainers. Resolves within three seconds.
 */
export async function dockerEngine(
  environment: Variables = process.env,
  options = usual,
): Promise<DockerEngine | NoDockerEngine> {
  const signal = AbortSignal.timeout(options.answerMs);
  const reasons: string[] = [];
  for (const address of addressesOf(environment, options.socket)) {
    try {
      return await connect(address, environment, options, signal);
    } catch (cause) {
      const late =
        `no Docker engine answers at ${address} within ${options.answerMs} ms: ` +
        "start it again, or set DOCKER_HOST";
      reasons.push(signal.aborted ? late : reasonOf(address, cause));
    }
  }
  return { ok: false, why: reasons[0] ?? "" };
}

/** The addresses to try, at least one. */
function addressesOf(environment: Variables, socket: string): string[] {
  const { DOCKER_HOST: given, XDG_RUNTIME_DIR: runtime } = environment;
  if (given !== undefined && given !== "") return [given];
  const own = [
    ...(runtime === undefined ? [] : [join(runtime, "docker.sock")]),
    join(homedir(), ".docker", "run", "docker.sock"),
    join(homedir(), ".docker", "desktop", "docker.sock"),
    `/run/user/${process.getuid?.() ?? 0}/docker.sock`,
  ];
  return [socket, ...own.filter((path) => existsSync(path))].map((path) => `unix://${path}`);
}

const versionAnswer = z.object({ Version: z.string().min(1) });
const infoAnswer = z.object({ NCPU: z.number(), MemTotal: z.number() });

async function connect(
  address: string,
  environment: Variables,
  { registryMs }: EngineOptions,
  signal: AbortSignal,
): Promise<DockerEngine> {
  const ask = clientOf(address, environment);
  const version = read(await ask("/version", signal), versionAnswer);
  const info = read(await ask("/info", signal), infoAnswer);
  return {
    ok: true,
    address,
    version: version.Version,
    cores: info.NCPU,
    memoryBytes: info.MemTotal,
    async place(image) {
      const within = AbortSignal.timeout(registryMs);
      try {
        if ((await ask(`/images/${image}/json`, within)).status === 200) return "here";
        const { status } = await ask(`/distribution/${image}/json`, within);
        return status === 200 ? "registry" : "nowhere";
      } catch {
        return "nowhere"; // the engine or the registry did not answer in time
      }
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The server at this address is not a Docker engine. */
class NotAnEngine extends Error {}

function read<T>({ status, type, body }: Answer, schema: z.ZodType<T>): T {
  if (status !== 200) throw new NotAnEngine(`HTTP ${status}`);
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new NotAnEngine(type === "" ? "not JSON" : type, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new NotAnEngine("unknown JSON", { cause: parsed.error });
  return parsed.data;
}

function clientOf(address: string, environment: Variables) {
  const options = connectionOf(address, environment);
  const request = "ca" in options ? overHttps : overHttp;
  return (path: string, signal: AbortSignal): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({ ...options, path, signal, agent: false }, (response) => {
        const { statusCode: status = 0, headers } = response;
        const type = headers["content-type"] ?? "";
        text(response).then((body) => resolve({ status, type, body }), reject);
      });
      asked.once("error", reject).end();
    });
}

/** DOCKER_HOST is not an address that we can connect to. */
class InvalidAddress extends Error {}

function connectionOf(address: string, environment: Variables): RequestOptions {
  const url = URL.parse(address);
  if (url?.protocol === "unix:" && url.pathname !== "") return { socketPath: url.pathname };
  if (url === null || !["tcp:", "http:", "https:"].includes(url.protocol)) {
    throw new InvalidAddress(
      `DOCKER_HOST is "${address}", an invalid address: ` +
        `set it to unix://${usual.socket} or tcp://127.0.0.1:2375`,
    );
  }
  const { hostname, port } = url;
  const place = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 2375) };
  const { DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: folder } = environment;
  if (verify !== "1" || folder === undefined) return place;
  const [ca, cert, key] = ["ca", "cert", "key"].map((it) =>
    readFileSync(join(folder, `${it}.pem`)),
  );
  return { ...place, ...{ ca, cert, key } };
}

function reasonOf(address: string, cause: unknown): string {
  if (cause instanceof InvalidAddress) return cause.message;
  if (cause instanceof NotAnEngine) {
    return `the server at ${address} is not a Docker engine (${cause.message}): set DOCKER_HOST`;
  }
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") {
    return (
      `this user may not use the Docker engine at ${address} (${code}): ` +
      "join the group docker, or set DOCKER_HOST"
    );
  }
  return `no Docker engine answers at ${address} (${code ?? message}): start it, or set DOCKER_HOST`;
}
