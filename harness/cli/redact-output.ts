import type { Secrets } from "../history/secrets.ts";

/** Removes secrets from everything that is written to the stream from now on. */
export function redactOutput(stream: NodeJS.WriteStream, secrets: Secrets): void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean =>
    write(
      secrets.redact(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()),
      ...rest,
    );
}
