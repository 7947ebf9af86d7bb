import { AIMessage } from "@langchain/core/messages";
import { z } from "zod";
import type { Mistake } from "./mistake.ts";

/** How to answer the client of each thread whose turn runs. */
const answers = new Map<string, (reply: string) => void>();

const state = z.object({ messages: z.array(z.unknown()) });

/**
 * The client gets its answer when the graph has ended, and the turn is saved after that. Services
 * that stream do this. If a replica is killed in between, the user has an answer of which the
 * thread shows no trace, and no trace of the message either.
 */
const mistake: Mistake = {
  settings: { DURABILITY: "exit" },
  parts: ({ openSaver }) => ({
    openSaver: (database, settings) => {
      const saver = openSaver(database, settings);
      const put = saver.put.bind(saver);
      saver.put = (config, checkpoint, ...rest) => {
        const last = state.safeParse(checkpoint.channel_values).data?.messages.at(-1);
        const thread = String(config.configurable?.["thread_id"]);
        if (AIMessage.isInstance(last)) answers.get(thread)?.(last.text);
        return put(config, checkpoint, ...rest);
      };
      return saver;
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
