import type { Parts } from "../parts.ts";

/**
 * A repeated message is taken for a new one: the request id is not looked at, or there is none.
 * Found in nearly every service. A client whose reply was lost cannot know whether its message
 * arrived, so it sends it again, as phones, proxies and queues do by themselves: then the message
 * stands in the thread twice, and what its tools do is done twice, each time under a fresh key.
 */
export default function ignoresRequestId(parts: Parts): Parts {
  return {
    ...parts,
    admission: (conversation, { text }) =>
      parts.admission(conversation, { text, requestId: undefined }),
  };
}
