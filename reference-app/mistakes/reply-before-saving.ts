import type { Mistake } from "./mistake.ts";

/** How to answer the client of each thread whose turn runs. */
const answers = new Map<string, (reply: string) => void>();

/**
 * The client gets its answer with the last chunk of the model's stream, and the turn is saved after
 * that. Services that stream do this. If a replica is killed in between, the user has an answer of
 * which the thread shows no trace, and no trace of the message either.
 */
const mistake: Mistake = {
  settings: { DURABILITY: "exit" },
  parts: ({ openModel }) => ({
    openModel: (settings, tools) => {
      const model = openModel(settings, tools);
      const ask: typeof model.ask = async (messages, config) => {
        const reply = await model.ask(messages, config);
        const thread = String(config.configurable?.["thread_id"]);
        if (!reply.tool_calls?.length) answers.get(thread)?.(reply.text);
        return reply;
      };
      return { ...model, ask };
    },
  }),
  service: (service) => ({
    ...service,
    takeTurn: (thread, message, listener) => {
      const { promise: said, resolve } = Promise.withResolvers<string>();
      answers.set(thread, resolve);
      return Promise.race([said, service.takeTurn(thread, message, listener)]);
    },
  }),
};

export default mistake;
