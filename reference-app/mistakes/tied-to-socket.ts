import type { Parts } from "../parts.ts";

/**
 * The run gets the signal of the request: graph.stream(input, { signal: request.signal }). Found in
 * most services that stream, because it saves tokens. Whoever closes the tab in the middle of a
 * tool call leaves half a turn: what the tool did is done, and the thread does not know it.
 */
export default function tiedToSocket(parts: Parts): Parts {
  return {
    ...parts,
    lifetime: (response) => {
      const gone = new AbortController();
      response.once("close", () => {
        if (!response.writableFinished) gone.abort(new Error("the client has gone"));
      });
      return gone.signal;
    },
  };
}
