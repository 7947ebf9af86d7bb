import { randomUUID } from "node:crypto";
import type { Database } from "../database.ts";
import { busy, type Gate } from "../gate.ts";
import type { Parts } from "../parts.ts";

const leaseMs = 1_000;

/**
 * SET NX PX, as with Redis, here in a table: who has a thread says so for a second, and says it
 * again while its turn runs. Found wherever a lock may not stay with one that died. A replica that
 * stands still for longer than the lease (a full garbage collection, a virtual machine that is
 * moved, a frozen container) says nothing meanwhile; another takes the thread; and when the first
 * goes on it still believes that the thread is its own, and writes over what the other has saved.
 */
export default function leaseLock(parts: Parts): Parts {
  return { ...parts, openGate: leaseGate };
}

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

// One transaction: two replicas that make it at once would break each other.
const table = `
  SELECT pg_advisory_xact_lock(hashtextextended('leases', 0));
  CREATE TABLE IF NOT EXISTS leases (thread uuid PRIMARY KEY, holder uuid, ends timestamptz)`;

const taking = `
  INSERT INTO leases VALUES ($1, $2, now() + interval '${leaseMs} ms')
  ON CONFLICT (thread) DO UPDATE SET holder = excluded.holder, ends = excluded.ends
  WHERE leases.holder = excluded.holder OR leases.ends < now()`;
