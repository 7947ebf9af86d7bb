import { randomUUID } from "node:crypto";
import { AIMessage, HumanMessage, type BaseMessage } from "@langchain/core/messages";
import { failureIn, type Conversation } from "./conversation.ts";
import { Refusal, TurnFailure } from "./refusal.ts";

export interface Message {
  readonly text: string;
  /** The client chooses it, and sends the same one with each attempt of one message. */
  readonly requestId: string | undefined;
}

/** The thread has a reply to the message already, or the message has to be run. */
type Admitted =
  | { readonly kind: "answered"; readonly reply: string }
  | { readonly kind: "new"; readonly message: HumanMessage };

export type Admission = (conversation: Conversation, message: Message) => Promise<Admitted>;

/**
 * First finishes an unfinished turn. A new message would discard the rest of that turn and leave
 * its tool calls without results for ever. Then looks for the reply to an earlier attempt of this
 * message.
 *
 * The request id becomes the id of the message in the thread. So the reply is stored in the same
 * commit as the turn. A separate table of request ids could disagree with the thread.
 */
export async function finishFirst(
  conversation: Conversation,
  { text, requestId }: Message,
): Promise<Admitted> {
  const id = requestId === undefined ? randomUUID() : `request:${requestId}`;
  const before = await conversation.read();
  refuseOtherText(before.messages, id, text);
  const { messages } = before.unfinished ? await finished(conversation, id) : before;
  const reply = storedReply(messages, id);
  if (reply !== undefined) return { kind: "answered", reply };
  return { kind: "new", message: new HumanMessage({ id, content: text }) };
}

async function finished(conversation: Conversation, id: string) {
  const failure = await conversation.run(null).then(
    () => undefined,
    (error: unknown) => error,
  );
  const after = await conversation.read();
  // A turn that cannot be finished has been closed, so it no longer blocks the thread.
  if (!after.unfinished) return after;
  if (after.messages.some((message) => message.id === id)) throw failure;
  throw new TurnFailure(
    502,
    "an earlier turn could not be finished, so this message was not taken",
    {
      final: false,
      cause: failure,
    },
  );
}

function refuseOtherText(messages: readonly BaseMessage[], id: string, text: string): void {
  const earlier = messages.find((message) => message.id === id);
  if (earlier !== undefined && earlier.text !== text) {
    throw new Refusal(400, "request_id was already used for another message in this thread");
  }
}

function storedReply(messages: readonly BaseMessage[], id: string): string | undefined {
  const asked = messages.findIndex((message) => message.id === id);
  if (asked === -1) return undefined;
  const next = messages.findIndex((message, at) => at > asked && message.type === "human");
  const turn = messages.slice(asked, next === -1 ? undefined : next);
  const reply = turn.findLast((message) => AIMessage.isInstance(message));
  if (reply === undefined) return undefined;
  const failure = failureIn(reply);
  if (failure !== undefined) throw failure;
  return reply.text;
}
