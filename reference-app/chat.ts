import type { Request, RequestHandler, Response } from "express";
import { answerTo } from "./refusal.ts";
import { chatRequest, parsed } from "./requests.ts";
import type { Service } from "./service.ts";

const eventStream = "text/event-stream";

/** A signal that ends a turn before its time, of what becomes of the client's connection. */
export type Lifetime = (response: Response) => AbortSignal;

/**
 * The run is not tied to the socket: nobody listens to its closing, so a client that goes away
 * finds its reply in the thread when it comes back with the same request_id.
 */
export const runsOn: Lifetime = () => new AbortController().signal;

/** POST /chat. */
export function chat(service: Service, userOf: (request: Request) => string): RequestHandler {
  const { parts, threads } = service;
  return async (request, response) => {
    const user = userOf(request);
    const { thread_id, message, request_id } = parsed(chatRequest, request.body);
    const thread = await parts.addressing.resolve(threads, user, thread_id);

    const events = request.accepts(["application/json", eventStream]) === eventStream;
    const { promise: spoken, resolve } = Promise.withResolvers<string>();
    const saved = service.takeTurn(
      thread,
      { text: message, requestId: request_id },
      {
        spoken: resolve,
        begun: () => events && openEvents(response),
        ...(events && { delta: (text: string) => send(response, "delta", { text }) }),
      },
      parts.lifetime(response),
    );
    try {
      const reply = await parts.acknowledge({ spoken, saved });
      const answer = parts.addressing.answer(thread, reply);
      if (events) send(response, "done", answer).end();
      else response.json(answer);
    } catch (error) {
      // Before the turn has begun the status can still say it; afterwards only an event can.
      if (!response.headersSent) throw error;
      const { status, sentence } = answerTo(error);
      console.error(`a stream ended with an error (${status}): ${sentence}`);
      send(response, "error", { error: sentence }).end();
    }
  };
}

function openEvents(response: Response): void {
  response.set({ "content-type": eventStream, "cache-control": "no-cache" });
  // Sent at once, so that proxies do not take a slow turn for a dead server.
  response.flushHeaders();
}

function send(response: Response, event: string, data: Readonly<Record<string, string>>): Response {
  // A client that has gone makes writing an error; its turn goes on.
  if (!response.destroyed) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  return response;
}
