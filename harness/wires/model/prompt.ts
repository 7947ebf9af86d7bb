import { z } from "zod";
import type { Rules } from "./malformed.ts";
import type { Message } from "./message.ts";

/** A request to a model: as it arrived, and as the providers' mock reads it. */
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

/** A prompt, the same for all providers. */
export interface Prompt {
  readonly rules: Rules;
  readonly messages: readonly Message[];
  /** OpenAI's responses: the id of the stored response that it continues. */
  readonly follows: string | null;
  /** OpenAI's responses: whether the provider has to store this one. */
  readonly stored: boolean;
  /** The tool that the model must take; "any": one of them; null: it may choose. */
  readonly forced: string | null;
  /** The JSON schema of the reply; null: any text. */
  readonly form: unknown;
}

/**
 * Reads a prompt. The mock converts every dialect to chat completions and repairs it on the way: it
 * adds calls for results without one, and moves a user's text before the tool results of the same
 * message. So the two dialects that it repairs are read as they arrived.
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

/** Parts without a text, such as an image or a thought, are ignored. */
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
    // Reasoning and references to items are not messages.
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

/** One message of Anthropic's may be several of ours: each tool result, and the text beside it. */
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
  // "required", or Anthropic's { type: "any" }. A name is in it, or in its `function`.
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

/** What a request requires of the answer. */
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
