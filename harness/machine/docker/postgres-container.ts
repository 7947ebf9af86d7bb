import { randomBytes } from "node:crypto";
import { images } from "./engine.ts";
import { freePort } from "../port.ts";
import { acceptsConnections } from "../postgres/accepts.ts";
import type { DatabaseServer } from "../postgres/postgres-server.ts";
import type { Containers } from "./containers.ts";

const port = 5432;
const readyTimeoutMs = 60_000;

/** Safe as long as only processes die, as for the local server (postgres/settings.ts). */
const settings = [
  ["fsync", "off"],
  ["full_page_writes", "off"],
  ["autovacuum", "off"],
  ["jit", "off"],
  ["max_connections", "200"],
  ["timezone", "UTC"],
].flatMap(([name, value]) => ["-c", `${name}=${value}`]);

/** A Postgres server in a container. */
export interface ContainedServer extends DatabaseServer {
  /** Host and port for the other containers of the run. */
  readonly inside: string;
}

/** @throws Error if the server does not accept connections in time. */
export async function startContainedPostgres(
  containers: Containers,
  name: string,
): Promise<ContainedServer> {
  const password = randomBytes(12).toString("hex");
  const outside = await freePort();
  const container = await containers.run({
    name,
    image: images.database,
    command: ["postgres", ...settings],
    environment: { POSTGRES_PASSWORD: password },
    publish: { [port]: outside },
  });
  const url = `postgres://postgres:${password}@127.0.0.1:${outside}/postgres`;
  const accepted = async (): Promise<void> => {
    let over = false;
    void container.ended.then(() => (over = true));
    if (await acceptsConnections(url, { isOver: () => over, withinMs: readyTimeoutMs })) return;
    throw new Error(`Postgres did not start in the container ${containers.hostOf(name)}`);
  };
  await accepted();
  return {
    url,
    inside: `${containers.hostOf(name)}:${port}`,
    async crash() {
      await container.kill("SIGKILL");
      await container.ended;
    },
    async start() {
      await container.start();
      await accepted();
    },
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}
