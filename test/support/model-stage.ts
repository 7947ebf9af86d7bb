/** Opens the model wires of a deployment and records their history, for tests. */
import { entriesOf } from "../../harness/history/history.ts";
import type { Header } from "../../harness/history/header.ts";
import { random } from "../../harness/history/random.ts";
import { Recording } from "../../harness/history/recording.ts";
import { Turns } from "../../harness/history/turn.ts";
import { loopback } from "../../harness/wires/address.ts";
import { Holds } from "../../harness/wires/hold.ts";
import { ModelImpairments } from "../../harness/wires/model/model-impairment.ts";
import { openModelWire } from "../../harness/wires/model/model-wire.ts";
import { PromptHabits } from "../../harness/wires/model/prompt-habits.ts";
import { SideCalls } from "../../harness/wires/model/side-calls.ts";
import { StoredResponses } from "../../harness/wires/model/stored-responses.ts";

/** `open` opens the wire of a replica and adds it to `opened`, which the test disposes of. */
export function modelStage(opened: AsyncDisposable[]) {
  const recorder = new Recording({} as Header, null);
  const turns = new Turns(random(1), "run");
  const holds = new Holds(recorder, 10_000);
  const sides = new SideCalls();
  const stored = new StoredResponses();
  const impairments = new ModelImpairments();
  const habits = new PromptHabits();
  const shared = { turns, holds, sides, habits, recorder, address: loopback, stored, impairments };
  const open = async (replica: string) => {
    const wire = await openModelWire({ replica, ...shared });
    opened.push(wire);
    return wire;
  };
  const calls = () => entriesOf(recorder, "model.call");
  const answers = () => entriesOf(recorder, "model.answer");
  return { open, turns, holds, sides, calls, answers };
}
