import { randomUUID } from "node:crypto";
import type { Database } from "../database.ts";
import { busy, type Gate } from "../gate.ts";
import type { Mistake } from "./mistake.ts";

const leaseMs = 1_000;

/**
 * SET NX PX, as with Redis, here in a table. A replica writes that it has the thread for a second,
 * and renews that while its turn runs. Services have it so that a dead replica cannot keep a lock.
 * But a replica may be paused for longer than the lease (garbage collection, a virtual machine that
 * is moved, a frozen container). Then another one takes the thread. When the first one continues,
 * it still believes that it has the thread, and overwrites what the other has saved.
 */
const mistake: Mistake = { parts: () => ({ openGate: leaseGate }) };

export default mistake;

function leaseGate({ locks }: Database): Gate {
  let made: Promise<unknown> | undefined;
  return {
    async hold(thread, work) {
      await (made ??= locks.query(table));
      const holder = randomUUID();
      const { rowCount } = await locks.query(taking, [thread, holder]);
      if (rowCount === 0) throw busy();
      const renewal = setInterval(() => {
        locks.query(taking, [thread, holder]).catch(() => undefined);
      }, leaseMs / 3);
      try {
        return await work(new AbortController().signal);
      } finally {
        clearInterval(renewal);
        await locks.query("DELETE FROM leases WHERE thread = $1 AND holder = $2", [thread, holder]);
      }
    },
  };
}

// In one transaction, because CREATE TABLE on two replicas at once makes one of them fail.
const table = `
  SELECT pg_advisory_xact_lock(hashtextextended('leases', 0));
  CREATE TABLE IF NOT EXISTS leases (thread uuid PRIMARY KEY, holder uuid, ends timestamptz)`;

const taking = `
  INSERT INTO leases VALUES ($1, $2, now() + interval '${leaseMs} ms')
  ON CONFLICT (thread) DO UPDATE SET holder = excluded.holder, ends = excluded.ends
  WHERE leases.holder = excluded.holder OR leases.ends < now()`;
