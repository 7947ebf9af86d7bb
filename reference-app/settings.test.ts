import { expect, test } from "vitest";
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
  ["CLOCK_TOLERANCE_MS", "1.5"],
  ["CHECKPOINTER", "redis"],
  ["DURABILITY", "sometimes"],
  ["MIGRATE_AT_BOOT", "yes"],
])("%s=%s is refused with one sentence that names the variable", ([name, value]) => {
  expect(() => settingsOf({ ...good, [name]: value })).toThrow(new RegExp(`^${name} [^\\n]+\\.$`));
});

test("an empty variable counts as one that is not set", () => {
  expect(settingsOf({ ...good, PORT: "", MODEL: "" })).toMatchObject({
    PORT: 3_000,
    MODEL: "gpt-4o-mini",
    TOOLS_URL: "http://tools",
    MIGRATE_AT_BOOT: true,
  });
});
