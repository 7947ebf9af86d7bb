import type { Mistake } from "./config-error.ts";
import type { Reply } from "./reply-rules.ts";
import { methodAndPath } from "./request.ts";
import type { Talk } from "./dialect.ts";

/** What a description of a target asks for, and cannot have without something that it lacks. */
export function gapsIn({ say, thread, read, resume, retry }: Talk): Mistake[] {
  const requests = { say: typeof say === "function" ? undefined : say, resume };
  const replies = Object.entries(requests).flatMap(([name, request]) =>
    request?.reply === undefined
      ? []
      : [
          ...(standsInThread(request.reply) && read === undefined
            ? [
                {
                  path: [name, "reply"],
                  says: `such a reply is looked for in the thread: ${giveRead}`,
                },
              ]
            : []),
          ...(isNeverOver(request.reply) ? [{ path: [name, "reply", "poll"], says: endless }] : []),
        ],
  );
  return [
    ...replies,
    ...(retry === "wait" && read === undefined
      ? [{ path: ["retry"], says: `who waits looks into the thread: ${giveRead}` }]
      : []),
    ...(typeof say === "function" && resume !== undefined && resume.reply === undefined
      ? [
          {
            path: ["resume"],
            says: "where say is code it needs a reply of its own: give resume.reply",
          },
        ]
      : []),
    ...(thread !== undefined && "from" in thread ? firstTurnGaps(say) : []),
  ];
}

const giveRead = "give read, the request that reads a thread";
const endless =
  "nothing tells when the job is over: give state, or reply, or join in place of poll";

/** Before the first reply there is no thread that a path could name. */
function firstTurnGaps(say: Talk["say"]): Mistake[] {
  if (typeof say === "function") return [];
  const { method, path } = methodAndPath(say.first ?? say);
  if (!path.split("?", 1)[0]?.includes("${thread}")) return [];
  const place = say.first === undefined ? ["say"] : ["say", "first"];
  const says = `a first turn has no thread yet, and "${path}" names it: give say.first without it`;
  return [{ path: [...place, method.toLowerCase()], says }];
}

function standsInThread(reply: Reply): boolean {
  if (typeof reply === "string" || !("kind" in reply)) return false;
  return reply.kind === "state" || (reply.kind === "job" && reply.reply === undefined);
}

function isNeverOver(reply: Reply): boolean {
  if (typeof reply === "string" || !("kind" in reply) || reply.kind !== "job") return false;
  const { poll, join, state, reply: at } = reply;
  return poll !== undefined && join === undefined && state === undefined && at === undefined;
}
