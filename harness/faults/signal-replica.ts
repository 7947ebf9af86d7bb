import type { Injection } from "../deployment/fault.ts";
import type { Replica, Signal } from "../deployment/replica.ts";

interface SignalFault {
  /** What the fault does to the replica: "kill". */
  readonly verb: string;
  readonly signal: Signal;
  /** What the process did then: "died". */
  readonly reaction: string;
  heal(): Promise<unknown>;
}

/** Sends a signal to a replica. It takes effect if the process was running and reacted. */
export function signalReplica(
  replica: Replica,
  { verb, signal, reaction, heal }: SignalFault,
): Injection {
  const { name } = replica;
  return {
    name: `${verb} ${name}`,
    replica: name,
    async inject() {
      const { pid, running } = replica;
      await replica.signal(signal);
      // A stopped process still exists; after every other signal it must be gone.
      const reacted = running && (signal === "SIGSTOP" || !replica.running);
      const who = pid === null ? `replica ${name}` : `pid ${pid}`;
      const what = reacted ? `${who} ${reaction}` : `replica ${name} was not running`;
      return {
        bite: () => ({ bit: reacted, what }),
        [Symbol.asyncDispose]: async () => void (await heal()),
      };
    },
  };
}
