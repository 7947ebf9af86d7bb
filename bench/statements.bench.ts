import pg from "pg";
import type { RunResources } from "../harness/engine/resources.ts";
import { openDatabaseWire } from "../harness/wires/database/database-wire.ts";
import { type Figure, median } from "./figure.ts";

const statements = 2_000;
const rounds = 3;
const atOnce = 8;

const ignored = (): undefined => undefined;
/** The tap parses and names each statement, but nothing reacts to it. */
export const passiveTap = { before: ignored, after: ignored, gone: ignored };

/** Statements through the database wire: through the link, and through the tap, which parses. */
export async function statementFigures({ cluster }: RunResources): Promise<Figure[]> {
  await using database = await cluster.create();
  const upstream = new URL(database.url);
  await using link = await openDatabaseWire(upstream);
  await using tap = await openDatabaseWire(upstream, passiveTap);
  const urls = [database.url, link.through(database.url), tap.through(database.url)];
  const one = await inTurn(urls.map((url) => () => statementRate(url)));
  const many = await inTurn(
    urls.map((url) => async () => {
      const rates = await Promise.all(Array.from({ length: atOnce }, () => statementRate(url)));
      return rates.reduce((sum, rate) => sum + rate, 0);
    }),
  );
  const figure = (name: string, rates: readonly number[], of: number): Figure => ({
    ...{ name, unit: "statements/s", value: rates[of] ?? Number.NaN, budget: null },
    floor: { name: "directly to the server", value: rates[0] ?? Number.NaN },
  });
  const answer = (name: string, of: number): Figure => ({
    ...{ name, unit: "ms", value: 1_000 / (one[of] ?? Number.NaN), budget: null },
    floor: { name: "directly from the server", value: 1_000 / (one[0] ?? Number.NaN) },
  });
  return [
    answer("an answer through the database link", 1),
    answer("…through the tap, which parses each statement", 2),
    figure(`statements of ${atOnce} clients through the database link`, many, 1),
    figure("…through the tap, which parses each statement", many, 2),
  ];
}

/** Statements per second, sent in sequence as a turn sends them. */
export async function statementRate(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, ssl: false });
  await client.connect();
  const began = performance.now();
  for (let i = 0; i < statements; i += 1) await client.query("SELECT 1");
  const perSecond = (statements * 1_000) / (performance.now() - began);
  await client.end();
  return perSecond;
}

/** The median of each measure. They alternate, so that other load on the machine affects all. */
export async function inTurn(measures: readonly (() => Promise<number>)[]): Promise<number[]> {
  const values: number[][] = measures.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, measure] of measures.entries()) values[i]?.push(await measure());
  }
  return values.map(median);
}
