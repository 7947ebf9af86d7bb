import { Bench } from "tinybench";
import { judgeLevels } from "../harness/checkers/continuity/thread-levels.ts";
import { operationsOf } from "../harness/checkers/continuity/operations.ts";
import { syntheticHistory } from "../test/support/synthetic-history.ts";
import { remembersEverything } from "../harness/checkers/remembers-everything.ts";
import type { Figure } from "./figure.ts";

/** The continuity checker on large valid histories, compared with one pass over the entries. */
export async function checkerFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const turns of [16, 100]) {
    const history = syntheticHistory({ seed: 1, threads: 20_000 / turns, turns });
    const { threads, owners } = operationsOf(history);
    const operations = threads.reduce(
      (sum, thread) => sum + thread.writes.length + thread.reads.length,
      0,
    );
    const bench = new Bench({ time: 1_500, warmupTime: 500 });
    let sum = 0;
    bench
      .add("judge", () => void remembersEverything.judge(history))
      .add("levels", () => {
        for (const thread of threads) judgeLevels(thread, owners);
      })
      .add("pass", () => {
        for (const entry of history.entries) sum += entry.kind.length + entry.seq;
      });
    await bench.run();
    const perSecond = (name: string): number => {
      const result = bench.getTask(name)?.result;
      if (result === undefined || !("latency" in result)) throw new Error(`"${name}" did not run`);
      return (operations * 1_000) / result.latency.p50;
    };
    const unit = "operations/s";
    const floor = { name: "one pass over the entries", value: perSecond("pass") };
    const budget = turns === 100 ? "above 1,000,000" : null;
    const at = `at ${turns} turns per thread`;
    figures.push(
      { name: `the continuity checker ${at}`, unit, value: perSecond("levels"), floor, budget },
      {
        name: `…including the parsing of operations`,
        unit,
        value: perSecond("judge"),
        floor,
        budget: null,
      },
    );
    if (sum === 0) throw new Error("the benchmark read no entry");
  }
  return figures;
}
