import { expect, test } from "vitest";
import { withMistake } from "./mistakes.ts";
import { exemplaryParts } from "./parts.ts";
import { settingsOf } from "./settings.ts";

const good = { DATABASE_URL: "postgres://db/app", TOOLS_URL: "http://tools/" };

test.for<[string, string | undefined]>([
  ["DATABASE_URL", undefined],
  ["DATABASE_URL", "mysql://db/app"],
  ["TOOLS_URL", undefined],
  ["TOOLS_URL", "tools"],
  ["OPENAI_BASE_URL", "ftp://model"],
  ["PORT", "abc"],
  ["PORT", "65536"],
  ["KEEP_TURNS", "0"],
  ["GRACE_MS", "-1"],
  ["CHECKPOINTER", "redis"],
  ["DURABILITY", "sometimes"],
  ["MIGRATE_AT_BOOT", "yes"],
])("%s=%s is refused with one sentence that names it", ([name, value]) => {
  expect(() => settingsOf({ ...good, [name]: value })).toThrow(new RegExp(`^${name} [^\\n]+\\.$`));
});

test("a setting that is empty is one that is not set", () => {
  expect(settingsOf({ ...good, PORT: "", MISTAKE: "" })).toMatchObject({
    PORT: 3_000,
    TOOLS_URL: "http://tools",
    MIGRATE_AT_BOOT: true,
  });
});

test("a mistake changes some part, and an unknown one is refused with those there are", () => {
  const parts = exemplaryParts();
  expect(() => withMistake(parts, "typo")).toThrow(
    /"typo"; there are apologises, async-durability/,
  );
  expect(withMistake(parts, undefined)).toBe(parts);
  expect(withMistake(parts, "no-lock").openGate).not.toBe(parts.openGate);
});
