import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { Result } from "./result.ts";
import { sample, surprising } from "../../test/support/sample-report.ts";
import { fullText } from "./terminal-full.ts";

const view = { columns: 100, color: false, folder: "reports/latest" };

function part(text: string, from: string, to: string): string {
  return text.slice(text.indexOf(from), text.indexOf(to)).trimEnd();
}

describe("the whole of a run", () => {
  test("shows services and scenarios in one matrix", () => {
    const text = fullText(sample, view);
    expect(part(text, " ┌ round-robin", " ✔ holds,")).toMatchInlineSnapshot(`
      " ┌ round-robin: a conversation survives a change of replica
       │ ┌ restart: a conversation survives the death of its replica
       │ │ ┌ kill-mid-graph: a turn that is killed mid-graph is finished on the other replica
       │ │ │ ┌ boot-race: replicas that start together on an empty database all become ready
       │ │ │ │ ┌ double-text: of turns sent at once, each acknowledged one is kept, once
       ✔ ✔ ✔ ✔ ✔  reference      keeps all 5
       ✘ ✘ ✘ · ·  memory-saver   split-brain, amnesia
       · · · ✘ ·  setup-at-boot  setup-race
       · · · · ✘  no-lock        lost-update
       · – · · ·  no-setup       not run"
    `);
  });

  test("explains a cause once per service, with the fault between the lists", () => {
    const text = fullText(sample, view);
    expect(text.split("memory-saver: amnesia")).toHaveLength(2);
    expect(part(text, " memory-saver: amnesia", " setup-at-boot:")).toMatchInlineSnapshot(`
      " memory-saver: amnesia  in restart, kill-mid-graph
         After its restart, a began with an empty memory: turn 1 to turn 3 are gone.
           a │ 1 2 3   0.402 s, model call 1 of turn 4
             ┆ ⚡ kill a, then start a
           a │ 4       1.311 s, last read through a
             │ ▲ the lists differ here
         breaks no-lost-turns · one replica: violated
         → Keep checkpoints in a database that all replicas share (PostgresSaver, not MemorySaver)."
    `);
  });

  test("shows the reason of an accepted violation", () => {
    const reason = "one replica only until spring";
    const results = sample.results.slice(6, 7).map((it): Result => ({
      ...it,
      expected: { kind: "violated", checker: null, diagnoses: ["amnesia"], perhaps: [], reason },
    }));
    expect(fullText({ ...sample, results, notRun: [] }, view)).toContain(
      ` memory-saver: amnesia  in restart\n   accepted: ${reason}\n   After its restart,`,
    );
  });

  test("shows a surprise in full, and in the matrix as expected → seen", () => {
    const text = fullText(surprising, view);
    const surprise = text.slice(text.indexOf("✘ round-robin × reference/bare-pool"));
    expect(part(surprise, "✘ round-robin", "── What each")).toMatchInlineSnapshot(`
      "✘ round-robin × reference/bare-pool
         claim     a conversation survives a change of replica
         expected  holds
         seen      violated by remembers-everything: stale-read

         stale-read
         b showed the thread without turn 14, which had been acknowledged.
           a │ … 5 6 7 8 9 10 11 12 13 14   0.912 s, read r3
           b │ … 5 6 7 8 9 10 11 12 13      0.917 s, read r4
             │                          ▲ the lists differ here
         breaks monotonic-reads · one replica: not seen again
         → Read threads from the primary database, not from a replica that lags.

         reproduce threadproof run round-robin --target reference --variant bare-pool --seed 7"
    `);
    expect(text).toMatch(/^ ✔→✘ .* bare-pool {6}2 NOT AS EXPECTED; stale-read$/m);
  });

  test("lists the cases that did not run, for each target", () => {
    const of = (target: string) => ({ target, variant: null });
    const kept = sample.results.slice(0, 3).map((it) => ({ ...it, ...of("support-agent") }));
    const reason = 'the target lacks "kill": give hooks.kill and hooks.start';
    const not = ({ scenario, claim }: Result) => ({ scenario, claim, ...of("faq-bot"), reason });
    const report = {
      ...sample,
      results: [...kept, ...kept.slice(0, 1).map((it) => ({ ...it, ...of("faq-bot") }))],
      notRun: [
        ...kept.slice(1).map(not),
        ...sample.results.slice(3, 4).map(not),
        { ...not(kept[0] as Result), checker: "growth", reason: "its database cannot be seen" },
      ],
    };
    const text = fullText(report, { ...view, columns: 80 });
    expect(part(text, " ┌ round-robin", " ✔ holds,")).toMatchInlineSnapshot(`
      " ┌ round-robin: a conversation survives a change of replica
       │ ┌ restart: a conversation survives the death of its replica
       │ │ ┌ kill-mid-graph: a turn that is killed mid-graph is finished on the other…
       │ │ │ ┌ boot-race: not run: replicas that start together on an empty database …
       ✔ ✔ ✔ ·  support-agent  keeps all 3
       ✔ – – –  faq-bot        keeps 1 of 1; 3 not run"
    `);
    expect(part(text, "── Not run", " 4 as expected")).toMatchInlineSnapshot(`
      "── Not run ─────────────────────────────────────────────────────────────────────

       faq-bot
         the target lacks "kill": give hooks.kill and hooks.start
           restart, kill-mid-graph, boot-race
         its database cannot be seen
           round-robin (growth)"
    `);
    expect(part(text, "── Not run", " 4 as expected")).not.toContain("support-agent");
  });

  test("shows the highest measured values, and marks those above their limits", () => {
    // Three of the plain target, and one of a variant.
    const measured = [
      [0, "recoveryMs", 40, 2_000],
      [1, "recoveryMs", 812, 2_000],
      [2, "growth.rowsPerTurn", 2, 1],
      [5, "recoveryMs", 9_000, 2_000],
    ] as const;
    const results = measured.map(([index, name, amount, allowed]): Result => ({
      ...(sample.results[index] as Result),
      figures: [{ name, measured: amount, allowed }],
    }));
    const text = fullText({ ...sample, results, notRun: [] }, view);
    expect(part(text, "── Highest", " 4 as expected")).toMatchInlineSnapshot(`
      "── Highest measured values ─────────────────────────────────────────────────────────────────────────

         reference: recoveryMs 812, at most 2000 promised (restart)
       ✘ reference: growth.rowsPerTurn 2, at most 1 promised (kill-mid-graph)"
    `);
    expect(fullText(sample, view)).not.toContain("Highest");
  });

  test("closes with the totals, the reports and the command", () => {
    expect(fullText(surprising, view).split("\n").slice(-4)).toEqual([
      " 10 as expected, 1 surprise, 1 inconclusive, 2 not run · 31.2 s · seed 7",
      " reports  reports/latest",
      " again    npx threadproof run --seed 7",
      "",
    ]);
  });

  test("names a stale entry of the baseline", () => {
    const text = fullText({ ...sample, stale: ["round-robin/mine"] }, view);
    expect(text).toContain(" round-robin/mine is in the baseline and no longer occurs");
    expect(text).toContain("1 stale in the baseline");
  });

  test.each([80, 100, 120])("fits %d columns, except for commands to copy", (columns) => {
    const lines = fullText(surprising, { ...view, columns }).split("\n");
    const long = lines.filter((line) => line.length > columns && !line.includes("threadproof run"));
    expect(long).toEqual([]);
  });

  test("has the same text with colour", () => {
    const colored = fullText(surprising, { ...view, color: true });
    expect(colored).not.toBe(fullText(surprising, view));
    expect(stripVTControlCharacters(colored)).toBe(fullText(surprising, view));
  });

  test("has room for a run of forty scenarios", () => {
    const [first] = sample.results;
    if (!first) throw new Error("the sample has no results");
    const results = Array.from({ length: 40 }, (_, i) => ({ ...first, scenario: `scenario-${i}` }));
    const text = fullText({ ...sample, results, notRun: [] }, { ...view, columns: 80 });
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain("scenario-39");
  });
});
