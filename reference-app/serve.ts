import { once } from "node:events";
import type { Express } from "express";
import { shutDown } from "./drain.ts";
import type { Service } from "./service.ts";

/** Listens until SIGTERM, then drains and ends the process. Resolves once the schema is current. */
export async function serve(service: Service, app: Express): Promise<void> {
  const { HOST, PORT, REPLICA, DRAIN_DELAY_MS: delayMs, GRACE_MS: graceMs } = service.settings;
  const server = app.listen(PORT, HOST);
  // Longer than a load balancer keeps its connections. Otherwise it may send a request on one that
  // this process is closing.
  server.keepAliveTimeout = 65_000;

  const end = () => {
    // A second signal does not wait.
    if (service.draining) process.exit(1);
    service.draining = true;
    void shutDown(server, service, { delayMs, graceMs }).then((code) => process.exit(code));
  };
  process.on("SIGTERM", end).on("SIGINT", end);

  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : PORT;
  console.log(`replica ${REPLICA} listens on http://${HOST}:${port}`);
  // Only now, so that /readyz can say what is still missing.
  await service.schema.prepare();
}
