import { z } from "zod";

/** Where the state is. The commands `migrate` and `retain` need only these. */
const storageShape = {
  CHECKPOINTER: choice(["postgres", "memory"], "postgres"),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must start with postgres:// or postgresql://")
    .optional(),
  REPLICA: z.string().default("a"),
  STATEMENT_TIMEOUT_MS: whole(0, 600_000, 5_000),
};

const serverShape = {
  ...storageShape,
  HOST: z.string().default("127.0.0.1"),
  PORT: whole(0, 65_535, 3_000),
  OPENAI_BASE_URL: webAddress().default("https://api.openai.com/v1"),
  OPENAI_API_KEY: z.string().default("unused"),
  MODEL: z.string().default("gpt-4o-mini"),
  MODEL_TIMEOUT_MS: whole(1, 3_600_000, 60_000),
  TOOLS_URL: webAddress(),
  DURABILITY: choice(["sync", "async", "exit"], "sync"),
  MIGRATE_AT_BOOT: choice(["true", "false"], "true").transform((value) => value === "true"),
  GRACE_MS: whole(0, 3_600_000, 10_000),
  DRAIN_DELAY_MS: whole(0, 60_000, 400),
  KEEP_TURNS: whole(1, 10_000, 8),
  CLOCK_TOLERANCE_MS: whole(0, 60_000, 1_000),
};

const storageSettings = z.object(storageShape);
const serverSettings = z.object(serverShape);

export type StorageSettings = z.infer<typeof storageSettings>;
export type Settings = z.infer<typeof serverSettings>;

/** A variable is missing or wrong. The message is one sentence that names it. */
export class WrongSetting extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

export function settingsOf(environment: Environment): Settings {
  return checked(serverSettings, environment);
}

export function storageSettingsOf(environment: Environment): StorageSettings {
  return checked(storageSettings, environment);
}

function checked<T extends StorageSettings>(shape: z.ZodType<T>, environment: Environment): T {
  // Compose files and shells pass "" for a variable that is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = shape.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new WrongSetting(`${issue?.path.join(".")} ${issue?.message}.`);
  }
  if (parsed.data.CHECKPOINTER === "postgres" && parsed.data.DATABASE_URL === undefined) {
    throw new WrongSetting(
      "DATABASE_URL is missing: it is the address of the Postgres database with the threads.",
    );
  }
  return parsed.data;
}

function choice<const T extends [string, ...string[]]>(values: T, fallback: T[number]) {
  return z.enum(values, { error: `must be one of ${values.join(", ")}` }).default(() => fallback);
}

function whole(least: number, most: number, fallback: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message)
    .default(fallback);
}

function webAddress() {
  return z
    .string({ error: "is missing: it must be an address that starts with http:// or https://" })
    .refine((value) => URL.canParse(value) && /^https?:/.test(value), {
      message: "must be an address that starts with http:// or https://",
    })
    .transform((value) => value.replace(/\/+$/, ""));
}
