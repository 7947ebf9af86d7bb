import { AsyncLocalStorage } from "node:async_hooks";
import type { Mistake } from "./mistake.ts";

/** The signal of the request that the current code works for. */
const requests = new AsyncLocalStorage<AbortSignal>();

/**
 * The run gets the signal of the request: graph.stream(input, { signal: request.signal }). Most
 * services that stream do this, because it saves tokens. If a user closes the tab in the middle of
 * a tool call, half a turn remains: the tool has acted, and the thread does not show it.
 */
const mistake: Mistake = {
  front: (_, response, next) => {
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort(new Error("the client has disconnected"));
    });
    requests.run(gone.signal, next);
  },
  parts: ({ openGate }) => ({
    openGate: (database) => {
      const gate = openGate(database);
      return {
        hold: (thread, work) => {
          const request = requests.getStore();
          const signals = request === undefined ? [] : [request];
          return gate.hold(thread, (held) => work(AbortSignal.any([held, ...signals])));
        },
      };
    },
  }),
};

export default mistake;
