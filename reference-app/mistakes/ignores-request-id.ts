import type { Mistake } from "./mistake.ts";

/**
 * A repeated message counts as a new one, because the service ignores the request id or has none.
 * Nearly every service does this. A client that got no reply cannot know whether its message
 * arrived, so it sends it again; phones, proxies and queues do so by themselves. Then the thread
 * contains the message twice, and the tools act twice, each time with a new key.
 */
const mistake: Mistake = {
  parts: ({ admission }) => ({
    admission: (conversation, { text }) => admission(conversation, { text, requestId: undefined }),
  }),
};

export default mistake;
