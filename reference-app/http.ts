import express, { type ErrorRequestHandler, type Express, type Request } from "express";
import { chat } from "./chat.ts";
import { ownThread, unknownThread } from "./addressing.ts";
import { answerTo, Refusal } from "./refusal.ts";
import { historyLimitIn, newThread, parsed, threadChange } from "./requests.ts";
import type { Service } from "./service.ts";
import { historyOf, stateOf } from "./transcript.ts";

const bodyAtMost = "64kb";
const shuttingDown = "the replica is shutting down: use another one";

export function httpOf(service: Service): Express {
  const { threads, schema, clock, graph } = service;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");

  app.use((_, response, next) => {
    response.set("x-replica", service.settings.REPLICA);
    // So that a client with a keep-alive connection opens its next one through the load balancer.
    if (service.draining) response.set("connection", "close");
    next();
  });
  app.get("/healthz", (_, response) => {
    response.json({ status: "alive" });
  });
  app.get("/readyz", async (_, response) => {
    const why = service.draining ? shuttingDown : ((await schema.probe()) ?? (await clock.probe()));
    if (why === undefined) response.json({ status: "ready" });
    else response.status(503).json({ status: service.draining ? "draining" : "not ready", why });
  });

  app.use((request, _, next) => {
    userOf(request);
    const why = schema.obstacle();
    if (why !== undefined) throw new Refusal(503, why, 1);
    next();
  });
  app.use(express.json({ limit: bodyAtMost }));
  app.post("/threads", async (request, response) => {
    const { title } = parsed(newThread, request.body ?? {});
    response.status(201).json(await threads.create(userOf(request), title));
  });
  app.get("/threads", async (request, response) => {
    response.json({ threads: await threads.list(userOf(request)) });
  });
  app.patch("/threads/:id", async (request, response) => {
    const change = parsed(threadChange, request.body);
    const id = await rowOf(service, request);
    const thread = await threads.change(userOf(request), id, change);
    if (thread === undefined) throw unknownThread();
    response.json(thread);
  });
  app.delete("/threads/:id", async (request, response) => {
    await service.forget(await rowOf(service, request));
    response.status(204).end();
  });
  app.get("/threads/:id/state", async (request, response) => {
    const thread = await service.resolve(userOf(request), request.params.id);
    response.json(await stateOf(graph, thread));
  });
  app.get("/threads/:id/history", async (request, response) => {
    const limit = historyLimitIn(request.query["limit"]);
    const thread = await service.resolve(userOf(request), request.params.id);
    response.json(await historyOf(graph, thread, limit));
  });
  app.post("/chat", chat(service, userOf));
  app.use(() => {
    throw new Refusal(404, "there is nothing at this address");
  });
  app.use(answerError);
  return app;
}

/** The user, as the proxy in front has authenticated it. Clients must not reach this service. */
function userOf(request: Request): string {
  const user = request.get("x-user-id")?.trim();
  if (!user) throw new Refusal(401, "the header x-user-id is missing: it names the user");
  return user;
}

/** The id of the user's row that a request changes or deletes. */
function rowOf({ threads }: Service, request: Request): Promise<string> {
  return ownThread(threads, userOf(request), request.params["id"]);
}

// Express recognises an error handler by its four parameters.
const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const refused = bodyRefusal(error) ?? error;
  const { status, sentence, retryAfterS } = answerTo(refused);
  if (status >= 500) console.error(`answered ${status}: ${sentence}`);
  if (retryAfterS !== undefined) response.set("retry-after", String(retryAfterS));
  response.status(status).json({ error: sentence });
};

/** The refusals of Express itself: the body is too large, or it is not JSON. */
function bodyRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("type" in error) || !("status" in error)) return undefined;
  if (error.type === "entity.too.large") {
    return new Refusal(413, `the body is larger than ${bodyAtMost}`);
  }
  if (error.type === "entity.parse.failed") {
    return new Refusal(400, `the body is not JSON: ${error.message}`);
  }
  return typeof error.status === "number" && error.status < 500
    ? new Refusal(error.status, error.message)
    : undefined;
}
