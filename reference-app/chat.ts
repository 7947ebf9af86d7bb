import type { Request, RequestHandler, Response } from "express";
import { answerTo } from "./refusal.ts";
import { chatRequest, parsed } from "./requests.ts";
import type { Service } from "./service.ts";

const eventStream = "text/event-stream";

/**
 * POST /chat. The run does not depend on the connection: nothing here watches the socket. A client
 * that disconnects finds its reply in the thread when it sends the same request_id again.
 */
export function chat(service: Service, userOf: (request: Request) => string): RequestHandler {
  return async (request, response) => {
    const user = userOf(request);
    const { thread_id, message, request_id } = parsed(chatRequest, request.body);
    const thread = await service.resolve(user, thread_id);

    const wantsEvents = request.accepts(["application/json", eventStream]) === eventStream;
    const listener = wantsEvents
      ? {
          begun: () => openEvents(response),
          delta: (text: string) => void send(response, "delta", { text }),
        }
      : {};
    try {
      const reply = await service.takeTurn(
        thread,
        { text: message, requestId: request_id },
        listener,
      );
      const answer = { thread_id: thread, reply };
      if (wantsEvents) send(response, "done", answer).end();
      else response.json(answer);
    } catch (error) {
      // Once the event stream is open the status is sent, so an event has to report the error.
      if (!response.headersSent) throw error;
      const { status, sentence } = answerTo(error);
      console.error(`an event stream ended with an error (${status}): ${sentence}`);
      send(response, "error", { error: sentence }).end();
    }
  };
}

function openEvents(response: Response): void {
  response.set({ "content-type": eventStream, "cache-control": "no-cache" });
  // Sent at once, so that proxies do not mistake a slow turn for a dead server.
  response.flushHeaders();
}

function send(response: Response, event: string, data: Readonly<Record<string, string>>): Response {
  // Writing to a client that has disconnected is an error. Its turn continues.
  if (!response.destroyed) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  return response;
}
