import { z } from "zod";
import type { Rules } from "./malformed.ts";
import type { Message } from "./message.ts";

/** What was sent to a model: as it came, and as the providers' mock takes it. */
interface Sent {
  readonly path: string;
  readonly body: string;
  readonly chat: readonly ChatMessage[];
}

/** A message of a chat completion. */
interface ChatMessage {
  readonly role: string;
  readonly content: z.infer<typeof content>;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

/** A prompt, whichever provider it is written for. */
export interface Prompt {
  readonly rules: Rules;
  readonly messages: readonly Message[];
  /** OpenAI's responses: the response that it goes on from, which the provider remembers. */
  readonly follows: string | null;
  /** OpenAI's responses: the provider is to remember this one. */
  readonly stored: boolean;
  /** The tool that the model must take; "any": one of them. Null: it may. */
  readonly forced: string | null;
  /** The JSON schema that the reply must keep; null: any text will do. */
  readonly form: unknown;
}

/**
 * Reads a prompt. The mock makes chat completions of every dialect, and in doing so mends what it
 * must not: it makes up calls for results that have none, and puts what a user says before the tool
 * results of the same message. So the two dialects that it mends are read as they came.
 */
export function promptOf({ path, body, chat }: Sent): Prompt {
  const json = parsed(body);
  const plain = {
    rules: null,
    messages: chat.map(messageOf),
    follows: null,
    stored: false,
    ...wishesOf(json),
  };
  if (path.endsWith("/responses")) return { ...plain, ...responsesPrompt(json) };
  if (path.endsWith("/messages")) return { ...plain, ...anthropicPrompt(json) };
  return path.endsWith("/completions") ? { ...plain, rules: "chat" } : plain;
}

function messageOf(message: ChatMessage): Message {
  return {
    role: message.role,
    text: textOf(message.content),
    asks: (message.tool_calls ?? []).map((call) => call.id),
    answers: message.role === "tool" ? (message.tool_call_id ?? "") : null,
  };
}

const parts = z.array(z.looseObject({ text: z.string().optional() }));
const content = z.union([z.string(), parts]).nullish();

/** Parts without a text (an image, a thought) say nothing here. */
function textOf(it: z.infer<typeof content>): string {
  if (typeof it === "string") return it;
  return (it ?? []).map((part) => part.text ?? "").join("\n");
}

const responsesRequest = z.looseObject({
  instructions: content,
  input: z.union([
    z.string(),
    z.array(
      z.looseObject({
        type: z.string().optional(),
        role: z.string().optional(),
        content,
        call_id: z.string().optional(),
        output: content,
      }),
    ),
  ]),
  previous_response_id: z.string().nullish(),
  store: z.boolean().nullish(),
});

function responsesPrompt(json: unknown): Partial<Prompt> {
  const { data } = responsesRequest.safeParse(json);
  if (data === undefined) return {};
  const { instructions, input, previous_response_id: follows, store } = data;
  const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
  const messages = items.flatMap((item): Message[] => {
    if ("type" in item && item.type === "function_call") {
      return [{ role: "assistant", text: "", asks: [item.call_id ?? ""], answers: null }];
    }
    if ("type" in item && item.type === "function_call_output") {
      return [{ role: "tool", text: textOf(item.output), asks: [], answers: item.call_id ?? "" }];
    }
    // Reasoning, references to items: nothing that anybody said.
    return item.role === undefined ? [] : [plain(item.role, textOf(item.content))];
  });
  const system = textOf(instructions);
  return {
    rules: "responses",
    messages: [...(system === "" ? [] : [plain("system", system)]), ...messages],
    follows: follows ?? null,
    stored: store !== false,
  };
}

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  tool_use_id: z.string().optional(),
  content,
});
const anthropicRequest = z.looseObject({
  system: content,
  messages: z.array(
    z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) }),
  ),
});

/** A message of Anthropic's holds several of ours: each tool result, and what is said beside it. */
function anthropicPrompt(json: unknown): Partial<Prompt> {
  const { data } = anthropicRequest.safeParse(json);
  if (data === undefined) return {};
  const system = textOf(data.system);
  const messages = data.messages.flatMap(({ role, content: said }): Message[] => {
    if (typeof said === "string") return [plain(role, said)];
    const asks = said.filter(({ type }) => type === "tool_use").map(({ id }) => id ?? "");
    if (role === "assistant") return [{ ...plain(role, textOf(said)), asks }];
    return said.map((it) =>
      it.type === "tool_result"
        ? { role: "tool", text: textOf(it.content), asks: [], answers: it.tool_use_id ?? "" }
        : plain(role, it.text ?? ""),
    );
  });
  const instructions = system === "" ? [] : [plain("system", system)];
  return { rules: "messages", messages: [...instructions, ...messages] };
}

const named = z.looseObject({ name: z.string() });
const wishes = z.looseObject({
  // "required", or { type: "any" }: Anthropic's word. A name stands in it or in its `function`.
  tool_choice: z
    .union([
      z.string(),
      z.looseObject({ type: z.string(), name: z.string().optional(), function: named.optional() }),
    ])
    .nullish(),
  response_format: z
    .looseObject({ json_schema: z.looseObject({ schema: z.unknown() }).optional() })
    .nullish(),
  text: z.looseObject({ format: z.looseObject({ schema: z.unknown() }).optional() }).nullish(),
});

/** What a request wants of the answer. */
function wishesOf(json: unknown): Pick<Prompt, "forced" | "form"> {
  const { data } = wishes.safeParse(json);
  const { tool_choice: choice, response_format: format, text } = data ?? {};
  const form = format?.json_schema?.schema ?? text?.format?.schema ?? null;
  if (typeof choice !== "object" || choice === null) {
    return { forced: choice === "required" ? "any" : null, form };
  }
  const forced = choice.name ?? choice.function?.name ?? (choice.type === "any" ? "any" : null);
  return { forced, form };
}

function plain(role: string, text: string): Message {
  return { role, text, asks: [], answers: null };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null; // The mock has answered that already.
  }
}
