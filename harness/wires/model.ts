import type { AddressInfo } from "node:net";
import { createServer, type ChatCompletionRequest, type FixtureResponse } from "@copilotkit/aimock";
import type { Recorder } from "../history.ts";
import { modelPoint, type Turns } from "../turn.ts";
import type { WireAddress } from "./address.ts";
import type { Holds } from "./hold.ts";
import { readTranscript, type Message } from "./transcript.ts";

/**
 * The model wire of one replica: a model provider that sees what the agent remembers, answers with
 * the script of the turn, and can keep an answer back. `@copilotkit/aimock` speaks the providers'
 * protocols; what is said is decided here.
 */
export interface ModelWire extends AsyncDisposable {
  /** Without a path: chat completions are at `${url}/v1/chat/completions`. */
  readonly url: string;
}

export interface ModelWireOptions {
  readonly replica: string;
  readonly address: WireAddress;
  readonly turns: Turns;
  readonly holds: Holds;
  readonly recorder: Recorder;
}

export async function openModelWire(options: ModelWireOptions): Promise<ModelWire> {
  let calls = 0;
  const response = (request: ChatCompletionRequest): Promise<FixtureResponse> => {
    calls += 1;
    return answer(`${options.replica}/model ${calls}`, request, options);
  };
  const everything = { match: { predicate: () => true }, response };
  const { server } = await createServer([everything], {
    port: 0,
    host: options.address.listen,
    logLevel: "silent",
    journalMaxEntries: 1,
  });
  // An idle connection that we close just as the service uses it would look like the service's
  // fault.
  server.keepAliveTimeout = 0;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.address.reach}:${port}`,
    // Not the mock's own `stop`: that waits for every call that is held.
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  call: string,
  request: ChatCompletionRequest,
  { replica, turns, holds, recorder }: ModelWireOptions,
): Promise<FixtureResponse> {
  const messages = request.messages.map(messageOf);
  const { turn, ordinal, list, malformed } = readTranscript(messages, turns);
  recorder.record({
    kind: "model.call",
    call,
    replica,
    turn: turn?.name ?? null,
    ordinal,
    list,
    malformed,
    transcript: messages.map(({ role, text }) => ({ role, text: text.slice(0, 120) })),
  });
  if (turn !== null) await holds.pass(turn, modelPoint(ordinal), replica);
  const answered = (status: number, tools: readonly string[], token: string | null): void => {
    recorder.record({ kind: "model.answer", call, status, tools, token });
  };
  if (malformed !== null) {
    answered(400, [], null);
    return { error: { message: malformed, type: "invalid_request_error" }, status: 400 };
  }
  const tool = offered(request, turn?.steps[ordinal - 1]);
  if (turn === null || tool === undefined) {
    const token = turn === null ? null : turns.replyToken();
    answered(200, [], token);
    return { content: token === null ? "Noted." : `Noted. [${token}]` };
  }
  const token = turns.stepToken({ turn, ordinal });
  answered(200, [tool.name], null);
  return {
    toolCalls: [
      { id: `call_${token}`, name: tool.name, arguments: argumentsOf(tool.parameters, token) },
    ],
  };
}

function messageOf(message: ChatCompletionRequest["messages"][number]): Message {
  const { content } = message;
  const parts =
    typeof content === "string" ? [content] : (content ?? []).map((part) => part.text ?? "");
  return {
    role: message.role,
    text: parts.join("\n"),
    asks: (message.tool_calls ?? []).map((call) => call.id),
    answers: message.role === "tool" ? (message.tool_call_id ?? "") : null,
  };
}

/**
 * A step is only asked for where the request offers that tool: a service without it just replies.
 */
function offered(request: ChatCompletionRequest, name: string | undefined) {
  return request.tools?.find((tool) => tool.function.name === name)?.function;
}

/** Arguments that the offered schema allows; every text carries the token of the step. */
function argumentsOf(schema: unknown, token: string): string {
  const properties = propertiesOf(schema);
  const values = properties.map(([name, type]) => [
    name,
    type === "number" || type === "integer" ? 1 : type === "boolean" ? true : `item ${token}`,
  ]);
  return JSON.stringify(Object.fromEntries(values));
}

function propertiesOf(schema: unknown): [string, unknown][] {
  if (typeof schema !== "object" || schema === null || !("properties" in schema)) return [];
  const { properties } = schema;
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === "object" && value !== null && "type" in value ? value.type : undefined,
  ]);
}
