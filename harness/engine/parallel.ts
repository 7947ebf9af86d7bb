import { availableParallelism } from "node:os";
import { pMapSettled, pMapSkip } from "p-map";

/** One more than the number of cores, because a scenario also waits. */
const defaultParallel = availableParallelism() + 1;

/**
 * Maps items, a few concurrently, and keeps their order. After an error no further item begins.
 * @throws that error when all running items have ended: they still use the caller's resources.
 */
export async function mapInParallel<Item, Mapped>(
  items: readonly Item[],
  map: (item: Item, index: number) => Promise<Mapped>,
  concurrency: number = defaultParallel,
): Promise<Mapped[]> {
  let failed = false;
  const ends = await pMapSettled(
    items,
    async (item, index) => {
      if (failed) return pMapSkip;
      try {
        return await map(item, index);
      } catch (cause) {
        failed = true;
        throw cause;
      }
    },
    { concurrency },
  );
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
