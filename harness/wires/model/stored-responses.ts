import type { Message } from "./message.ts";

/**
 * What OpenAI's responses remember for whoever sends `previous_response_id`: whole transcripts, by
 * the id of the response that ended them. One for all replicas, as there is one provider.
 */
export class StoredResponses {
  readonly #transcripts = new Map<string, readonly Message[]>();

  /** What was said up to and with a response, without instructions; null: there is none. */
  find(id: string): readonly Message[] | null {
    return this.#transcripts.get(id) ?? null;
  }

  /** Instructions are not carried over, so messages of the system are not kept. */
  store(id: string, prompt: readonly Message[], reply: Message): void {
    const said = prompt.filter(({ role }) => role !== "system");
    this.#transcripts.set(id, [...said, reply]);
  }
}
