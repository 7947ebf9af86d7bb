import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import dockerignore from "@balena/dockerignore";
import type { ContainerRuntimeClient } from "testcontainers";

/** The input of a build. */
export interface Build {
  /** An absolute folder. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly stage: string | null;
}

/** How many of the build's last messages an error shows. */
const messagesShown = 8;

/**
 * Builds the image, unless the engine has one of the same content: the tag is the hash of all files
 * in the context. Resolves to the image's name.
 * @throws Error with the last output of the build.
 */
export async function imageOf(client: ContainerRuntimeClient, build: Build): Promise<string> {
  if (!existsSync(join(build.context, build.dockerfile))) {
    throw new Error(
      `no file ${build.dockerfile} in ${build.context}: correct container.build of the target`,
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
      // The engine's bridge may have no network access where the machine has it.
      networkmode: "host",
      forcerm: true,
    },
  );
  await ended(dockerode, stream, build.dockerfile);
  return name;
}

/** The context's files without those of .dockerignore: relative to it, sorted. */
function filesOf({ context, dockerfile }: Build): string[] {
  // Its types declare an ES module, but the package is CommonJS.
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
    return ""; // the file is optional
  }
}

/** The engine answers 200 and reports a failed build in a later line of the body. */
function ended(
  dockerode: ContainerRuntimeClient["container"]["dockerode"],
  stream: NodeJS.ReadableStream,
  dockerfile: string,
): Promise<void> {
  const messages: string[] = [];
  let error: string | null = null;
  return new Promise((resolve, reject) => {
    dockerode.modem.followProgress(
      stream,
      (cause) => {
        const why = cause?.message ?? error;
        if (why === null) return resolve();
        const output = messages.slice(-messagesShown).join("").trim();
        reject(new Error(`cannot build the image of ${dockerfile}: ${why}\n${output}`));
      },
      (line: { stream?: string; error?: string }) => {
        messages.push(line.stream ?? "");
        error ??= line.error ?? null;
      },
    );
  });
}
