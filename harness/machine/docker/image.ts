import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import dockerignore from "@balena/dockerignore";
import type { ContainerRuntimeClient } from "testcontainers";

/** What an image is built from. */
export interface Build {
  /** Folder, absolute. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly stage: string | null;
}

const wordsKept = 8;

/**
 * Builds the image unless one of the same content is there: its tag is the hash of all files that
 * the build can see. Resolves to its name.
 * @throws Error with the last words of the build.
 */
export async function imageOf(client: ContainerRuntimeClient, build: Build): Promise<string> {
  if (!existsSync(join(build.context, build.dockerfile))) {
    throw new Error(
      `there is no ${build.dockerfile} in ${build.context}: correct container.build of the target`,
    );
  }
  const files = filesOf(build);
  const hash = createHash("sha256").update(JSON.stringify([build.dockerfile, build.stage]));
  for (const file of files) {
    hash.update(`\0${file}\0${statSync(join(build.context, file)).mode & 0o111}\0`);
    hash.update(readFileSync(join(build.context, file)));
  }
  const name = `threadproof:${hash.digest("hex").slice(0, 16)}`;
  const { dockerode } = client.container;
  const isThere = await dockerode
    .getImage(name)
    .inspect()
    .then(Boolean, () => false);
  if (isThere) return name;
  const stream = await dockerode.buildImage(
    { context: build.context, src: files },
    {
      t: name,
      dockerfile: build.dockerfile,
      ...(build.stage === null ? {} : { target: build.stage }),
      labels: { threadproof: "image" },
      // The engine's bridge may have no way out where the machine itself has one.
      networkmode: "host",
      forcerm: true,
    },
  );
  await ended(dockerode, stream, build.dockerfile);
  return name;
}

/** Relative to the context, sorted; those of .dockerignore are left out. */
function filesOf({ context, dockerfile }: Build): string[] {
  // Its types say that it is an ES module, and it is none.
  const ignoreOf = dockerignore as unknown as typeof dockerignore.default;
  const ignore = ignoreOf({ ignorecase: false }).add(rulesOf(context));
  const all = readdirSync(context, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name).slice(context.length + 1))
    .filter((it) => !isAbsolute(it));
  return [...new Set([...ignore.filter(all), dockerfile])].toSorted();
}

function rulesOf(context: string): string {
  try {
    return readFileSync(join(context, ".dockerignore"), "utf8");
  } catch {
    return ""; // There need be none.
  }
}

/** An engine answers 200, and tells of a failure in a line of what follows. */
function ended(
  dockerode: ContainerRuntimeClient["container"]["dockerode"],
  stream: NodeJS.ReadableStream,
  dockerfile: string,
): Promise<void> {
  const words: string[] = [];
  let error: string | null = null;
  return new Promise((resolve, reject) => {
    dockerode.modem.followProgress(
      stream,
      (cause) => {
        const why = cause?.message ?? error;
        if (why === null) return resolve();
        const said = words.slice(-wordsKept).join("").trim();
        reject(new Error(`the image of ${dockerfile} cannot be built: ${why}\n${said}`));
      },
      (line: { stream?: string; error?: string }) => {
        words.push(line.stream ?? "");
        error ??= line.error ?? null;
      },
    );
  });
}
