import type { Message } from "./message.ts";

/**
 * What OpenAI's responses API stores for requests with `previous_response_id`: whole transcripts,
 * by the id of the response that ended them. All replicas share it, since there is one provider.
 */
export class StoredResponses {
  readonly #transcripts = new Map<string, readonly Message[]>();

  /** The transcript up to and including a response, without instructions; null: unknown id. */
  find(id: string): readonly Message[] | null {
    return this.#transcripts.get(id) ?? null;
  }

  /** System messages are not stored, because instructions are not carried over. */
  store(id: string, prompt: readonly Message[], reply: Message): void {
    const said = prompt.filter(({ role }) => role !== "system");
    this.#transcripts.set(id, [...said, reply]);
  }
}
