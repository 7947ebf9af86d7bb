/** A Postgres client for tests that can send any message of the protocol in any order. */
import { once } from "node:events";
import { connect } from "node:net";
import { type Frame, Framer } from "../../harness/wires/database/frames.ts";

/** A message: texts end with a zero byte, numbers have two bytes, buffers stay as they are. */
export function message(type: string, ...parts: readonly (string | number | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (Buffer.isBuffer(part)) return part;
      if (typeof part === "string") return Buffer.from(`${part}\0`);
      const bytes = Buffer.alloc(2);
      bytes.writeInt16BE(part);
      return bytes;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function int32(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeInt32BE(number, 4 * i);
  return bytes;
}

/** Parse, Bind (without parameters) and Execute. `rows` is the most rows to return; 0: all. */
export function execute(sql: string, rows = 0): Buffer {
  const bind = message("B", "", "", 0, 0, 0);
  return Buffer.concat([message("P", "", sql, 0), bind, message("E", "", int32(rows))]);
}

export const sync = message("S");

/** Connects and logs in with a clear-text password. */
export async function openRawClient(url: string) {
  const { hostname, port, username, password, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.on("error", () => {});
  const framer = new Framer("server");
  const chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  const waiting: Frame[] = [];
  const next = async (): Promise<Frame> => {
    for (;;) {
      const frame = waiting.shift();
      if (frame !== undefined) return frame;
      const it = await chunks.next();
      if (it.done === true) throw new Error("the server closed the connection");
      for (const { type, body, bytes } of framer.cut(it.value)) {
        waiting.push({ type, body: Buffer.from(body), bytes: Buffer.from(bytes) });
      }
    }
  };
  /** Reads messages up to and including the next one of this type. */
  const until = async (type: string): Promise<Frame[]> => {
    const frames: Frame[] = [];
    do frames.push(await next());
    while (frames.at(-1)?.type !== type);
    return frames;
  };
  await once(socket, "connect");
  const names = Buffer.from(`user\0${username}\0database\0${pathname.slice(1)}\0\0`);
  socket.write(Buffer.concat([int32(names.length + 8, 196_608), names]));
  await until("R");
  socket.write(message("p", decodeURIComponent(password)));
  await until("Z");
  const send = (...messages: readonly Buffer[]) => void socket.write(Buffer.concat(messages));
  return { send, until, [Symbol.dispose]: () => socket.destroy() };
}

export type RawClient = Awaited<ReturnType<typeof openRawClient>>;
