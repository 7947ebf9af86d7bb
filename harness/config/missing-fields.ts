import type { Mistake } from "./config-error.ts";
import type { Reply } from "./reply-rules.ts";
import { methodAndPath } from "./request.ts";
import type { Talk } from "./dialect.ts";

/** Fields that are missing because another field of the target needs them. */
export function gapsIn({ say, thread, read, resume, retry }: Talk): Mistake[] {
  const requests = { say: typeof say === "function" ? undefined : say, resume };
  const replies = Object.entries(requests).flatMap(([name, request]) =>
    request?.reply === undefined
      ? []
      : [
          ...(isReadFromThread(request.reply) && read === undefined
            ? [
                {
                  path: [name, "reply"],
                  says: `this kind of reply is read from the thread: ${declareRead}`,
                },
              ]
            : []),
          ...(isNeverOver(request.reply) ? [{ path: [name, "reply", "poll"], says: endless }] : []),
        ],
  );
  return [
    ...replies,
    ...(retry === "wait" && read === undefined
      ? [{ path: ["retry"], says: `retry: wait reads the thread: ${declareRead}` }]
      : []),
    ...(typeof say === "function" && resume !== undefined && resume.reply === undefined
      ? [
          {
            path: ["resume"],
            says: "say is a function, so resume needs its own reply: declare resume.reply",
          },
        ]
      : []),
    ...(thread !== undefined && "from" in thread ? firstTurnGaps(say) : []),
  ];
}

const declareRead = "declare read, the request that reads a thread";
const endless =
  "no field shows when the job is over: declare state or reply, or use join instead of poll";

/** The path of the first turn must not contain the thread id, which does not exist yet. */
function firstTurnGaps(say: Talk["say"]): Mistake[] {
  if (typeof say === "function") return [];
  const { method, path } = methodAndPath(say.first ?? say);
  if (!path.split("?", 1)[0]?.includes("${thread}")) return [];
  const place = say.first === undefined ? ["say"] : ["say", "first"];
  const says = `the first turn has no thread yet, but "${path}" needs it: declare say.first without \${thread}`;
  return [{ path: [...place, method.toLowerCase()], says }];
}

function isReadFromThread(reply: Reply): boolean {
  if (typeof reply === "string" || !("kind" in reply)) return false;
  return reply.kind === "state" || (reply.kind === "job" && reply.reply === undefined);
}

function isNeverOver(reply: Reply): boolean {
  if (typeof reply === "string" || !("kind" in reply) || reply.kind !== "job") return false;
  const { poll, join, state, reply: at } = reply;
  return poll !== undefined && join === undefined && state === undefined && at === undefined;
}
