/** What the model wires of a deployment share, and its history, for the tests of their callers. */
import { entriesOf, type Header } from "../history.ts";
import { random } from "../random.ts";
import { Recording } from "../recording.ts";
import { Turns } from "../conversation/turn.ts";
import { loopback } from "./address.ts";
import { Holds } from "./hold.ts";
import { ModelImpairments } from "./model-impairment.ts";
import { openModelWire } from "./model.ts";
import { SideCalls } from "./side-calls.ts";
import { StoredResponses } from "./stored-responses.ts";

/** `open` makes the wire of a replica; it is closed with what stands in `opened`. */
export function modelStage(opened: AsyncDisposable[]) {
  const recorder = new Recording({} as Header, null);
  const turns = new Turns(random(1), "run");
  const holds = new Holds(recorder, 10_000);
  const sides = new SideCalls();
  const stored = new StoredResponses();
  const impairments = new ModelImpairments();
  const shared = { turns, holds, sides, recorder, address: loopback, stored, impairments };
  const open = async (replica: string) => {
    const wire = await openModelWire({ replica, ...shared });
    opened.push(wire);
    return wire;
  };
  const calls = () => entriesOf(recorder, "model.call");
  const answers = () => entriesOf(recorder, "model.answer");
  return { open, turns, holds, sides, calls, answers };
}
