import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer, type ChatCompletionRequest, type FixtureResponse } from "@copilotkit/aimock";
import type { Recorder } from "../../history/history.ts";
import type { Token } from "../../history/token.ts";
import type { Ask, Turns } from "../../history/turn.ts";
import type { Executor, WireAddress } from "../address.ts";
import { exampleOf } from "./sample-value.ts";
import { halve } from "./truncate-response.ts";
import type { Holds } from "../hold.ts";
import type { Met, ModelImpairments } from "./model-impairment.ts";
import { promptOf, type Prompt } from "./prompt.ts";
import type { PromptHabits } from "./prompt-habits.ts";
import type { Offer, SideCalls } from "./side-calls.ts";
import type { StoredResponses } from "./stored-responses.ts";
import { sideCall, type Reading, readTranscript } from "./transcript.ts";
import { type Message } from "./message.ts";

/**
 * The model wire of one replica: a model provider that records what the agent remembers, answers by
 * the turn's script, and can hold an answer. `@copilotkit/aimock` implements the providers'
 * protocols; this file decides what the model says.
 */
export interface ModelWire extends AsyncDisposable {
  /**
   * Without a path. With or without `/v1` it is the base URL for clients of OpenAI (chat
   * completions, responses, embeddings), Anthropic, Gemini, Ollama, Bedrock and Cohere.
   */
  readonly url: string;
}

export interface ModelWireOptions {
  readonly replica: string;
  /** Set if several replicas share the wire. */
  readonly executorOf?: Executor;
  readonly address: WireAddress;
  readonly turns: Turns;
  readonly holds: Holds;
  /** Shared by all replicas: there is one provider. */
  readonly stored: StoredResponses;
  readonly sides: SideCalls;
  readonly habits: PromptHabits;
  readonly impairments: ModelImpairments;
  readonly recorder: Recorder;
}

/** A request as it arrived, and where its answer goes. */
interface Raw {
  readonly path: string;
  body(): string;
  readonly response: ServerResponse;
}

export async function openModelWire(options: ModelWireOptions): Promise<ModelWire> {
  let calls = 0;
  const raw = new AsyncLocalStorage<Raw>();
  const response = (request: ChatCompletionRequest): Promise<FixtureResponse> => {
    calls += 1;
    const came = raw.getStore();
    const sent = { path: came?.path ?? "", body: came?.body() ?? "" };
    const prompt = promptOf({ ...sent, chat: request.messages });
    return answer({ number: calls, request, prompt, to: came?.response }, options);
  };
  // The mock answers embeddings and the like: they do not belong to a turn. Streams come in small
  // pieces, so that half of the pieces is half of the text.
  const chat = { match: { endpoint: "chat" as const }, response, chunkSize: 4 };
  const { server } = await createServer([chat], {
    port: options.address.port ?? 0,
    host: options.address.listen,
    logLevel: "silent",
    journalMaxEntries: 1,
  });
  listenIn(server, raw);
  // If we closed an idle connection just as the service used it, the loss would look like the
  // service's fault.
  server.keepAliveTimeout = 0;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.address.reach}:${port}`,
    // Not the mock's own `stop`, which waits for every held call.
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listenIn(server: Server, raw: AsyncLocalStorage<Raw>): void {
  const [serve] = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request");
  server.on("request", (request: IncomingMessage, response) => {
    // Clients append their paths to the base URL, with or without /v1.
    request.url = request.url?.replace(/^\/v1(?=\/(v1|v1beta|v2|api|model)\/)/, "");
    const chunks: Buffer[] = [];
    // `prependListener`, because `on` would start the flow before the mock reads it.
    request.prependListener("data", (chunk: Buffer) => chunks.push(chunk));
    const path = new URL(request.url ?? "/", "http://wire").pathname;
    const body = (): string => Buffer.concat(chunks).toString();
    raw.run({ path, body, response }, () => serve?.(request, response));
  });
}

interface Call {
  /** Counts the calls on this wire, from 1. */
  readonly number: number;
  readonly request: ChatCompletionRequest;
  readonly prompt: Prompt;
  /** Undefined: it is unknown where the answer goes. */
  readonly to: ServerResponse | undefined;
}

async function answer(call: Call, options: ModelWireOptions): Promise<FixtureResponse> {
  const { turns, holds, sides, habits, recorder } = options;
  const name = `${options.replica}/model ${call.number}`;
  const { request, prompt } = call;
  const { messages, gone } = wholeOf(prompt, options.stored);
  const reading = readTranscript(messages, turns, prompt.rules, habits);
  const offer = offerOf(request, prompt);
  const isSide = reading.turn !== null && sides.has(reading.turn, messages, offer);
  const { turn, after, ordinal, asks, list, system, repeats, newestFirst } = isSide
    ? sideCall(null)
    : reading;
  const malformed = gone ?? reading.malformed;
  const replica = options.executorOf?.(turn?.token ?? null) ?? options.replica;
  recorder.record({
    kind: "model.call",
    call: name,
    replica,
    turn: turn?.name ?? null,
    ordinal,
    list,
    ...(system.length > 0 && { system }),
    ...(repeats > 0 && { repeats }),
    ...(newestFirst && { newestFirst }),
    malformed,
    transcript: messages.map(({ role, text }) => ({ role, text: text.slice(0, 120) })),
  });
  if (turn !== null) await holds.pass(turn, { at: "model", when: "open", ordinal }, replica);
  const tools = toolsFor(request, prompt, { ordinal, asks });
  const isReply = !tools.some(({ tool }) => asks.some((it) => it.tool === tool.name));
  const met = turn !== null && malformed === null && isReply ? options.impairments.meet() : null;
  const understood = { name, messages, turn, ...(after && { after }), malformed, offer, tools };
  const response =
    met === null
      ? respond(call, options, understood)
      : await impaired(call, options, understood, met);
  if (turn !== null) await holds.pass(turn, { at: "model", when: "after", ordinal }, replica);
  return response;
}

/** A recorded call. */
interface Understood extends Pick<Reading, "turn" | "after" | "malformed"> {
  readonly name: string;
  readonly messages: readonly Message[];
  readonly offer: Offer;
  /** The tools that the model asks for; empty: it replies. */
  readonly tools: ReturnType<typeof toolsFor>;
}

/** The same for an impaired reply. */
async function impaired(
  call: Call,
  options: ModelWireOptions,
  understood: Understood,
  { impairment, healed }: Met,
): Promise<FixtureResponse> {
  const { recorder } = options;
  const answer = { kind: "model.answer", call: understood.name, tools: [], token: null } as const;
  switch (impairment.kind) {
    case "status": {
      const { status } = impairment;
      recorder.record({ ...answer, status });
      return { error: { message: "The server had an error", type: "server_error" }, status };
    }
    case "silence":
      await healed;
      if (call.to?.destroyed !== true) return respond(call, options, understood);
      return { error: { message: "the caller is gone" }, status: 503 };
    case "cut":
    case "short":
    case "stall": {
      const content = `Noted. [${options.turns.replyToken(understood.turn)}]`;
      recorder.record({ ...answer, status: 200, brokeOff: content });
      if (call.to !== undefined) halve(call.to, impairment.kind, healed);
      return { content };
    }
  }
}

/** Decides on the answer, and records it. */
function respond(
  call: Call,
  options: ModelWireOptions,
  { name, messages, turn, after, malformed, offer, tools }: Understood,
): FixtureResponse {
  const { turns, sides, recorder } = options;
  const { prompt } = call;
  const answered = (status: number, tools: readonly string[], token: Token | null): void => {
    recorder.record({ kind: "model.answer", call: name, status, tools, token });
  };
  if (malformed !== null) {
    answered(400, [], null);
    return { error: { message: malformed, type: "invalid_request_error" }, status: 400 };
  }
  const id = `resp_${options.replica}_${call.number}`;
  const remember = (reply: Message): void => {
    if (prompt.stored) options.stored.store(id, messages, reply);
  };
  if (tools.length === 0) {
    const token = turn === null ? null : turns.replyToken(turn);
    answered(200, [], token);
    const about = turn ?? after;
    if (about !== undefined) sides.record(about, messages, offer, token);
    const plain = token === null ? "Noted." : `Noted. [${token}]`;
    const text = prompt.form === null ? plain : JSON.stringify(exampleOf(prompt.form, plain));
    remember({ role: "assistant", text, asks: [], answers: null });
    return { id, content: text };
  }
  const names = tools.map(({ tool }) => tool.name);
  answered(200, names, null);
  const toolCalls = tools.map(({ tool, ordinal: place }) => {
    const token = turn === null ? "side" : turns.stepToken({ turn, ordinal: place });
    const example = exampleOf({ type: "object", ...tool.parameters }, `item ${token}`);
    return { id: `call_${token}`, name: tool.name, arguments: JSON.stringify(example) };
  });
  const ids = toolCalls.map((call) => call.id);
  remember({ role: "assistant", text: "", asks: ids, answers: null });
  return { id, toolCalls };
}

/** The messages, with those that the provider stored before; `gone`: why it has none. */
function wholeOf(
  { messages, follows }: Prompt,
  stored: StoredResponses,
): { messages: readonly Message[]; gone: string | null } {
  if (follows === null) return { messages, gone: null };
  const before = stored.find(follows);
  if (before === null) {
    return { messages, gone: `Previous response with id '${follows}' not found.` };
  }
  return { messages: [...before, ...messages], gone: null };
}

function offerOf({ tools }: ChatCompletionRequest, { forced, form }: Prompt): Offer {
  const names = (tools ?? []).map((tool) => tool.function.name);
  return forced === null
    ? { tools: names, form: JSON.stringify(form) }
    : { tools: [], form: JSON.stringify([forced, names]) };
}

/**
 * The model asks only for tools that the request offers: a service without them just replies. A
 * tool that the model must take is taken alone: some clients request structured answers that way.
 */
function toolsFor(
  { tools = [] }: ChatCompletionRequest,
  { forced }: Prompt,
  { ordinal, asks }: { readonly ordinal: number; readonly asks: readonly Ask[] },
) {
  const find = (name: string | null) => tools.find((it) => it.function.name === name)?.function;
  const wanted = asks.flatMap(({ tool: name, ordinal: place }) => {
    const tool = find(name);
    return tool === undefined ? [] : [{ tool, ordinal: place }];
  });
  const any = forced === "any" && wanted.length === 0 ? tools[0]?.function : undefined;
  const must = find(forced) ?? any;
  return must === undefined ? wanted : [{ tool: must, ordinal: asks[0]?.ordinal ?? ordinal }];
}
