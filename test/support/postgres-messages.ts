/** For tests: a client that says any message of the protocol, in any order. */
import { once } from "node:events";
import { connect } from "node:net";
import { type Frame, Framer } from "../../harness/wires/database/frames.ts";

/** Of a type, with texts that end with a zero byte, numbers of two bytes, and bytes as they are. */
export function say(type: string, ...parts: readonly (string | number | Buffer)[]): Buffer {
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

/** Parse, Bind (without parameters) and Execute (of so many rows; 0: all). */
export function execute(sql: string, rows = 0): Buffer {
  const bind = say("B", "", "", 0, 0, 0);
  return Buffer.concat([say("P", "", sql, 0), bind, say("E", "", int32(rows))]);
}

export const sync = say("S");

/** Logs in with a password in the clear. */
export async function converse(url: string) {
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
      if (it.done === true) throw new Error("the server has hung up");
      for (const { type, body, bytes } of framer.cut(it.value)) {
        waiting.push({ type, body: Buffer.from(body), bytes: Buffer.from(bytes) });
      }
    }
  };
  /** All that is answered up to, and with, a message of this type. */
  const until = async (type: string): Promise<Frame[]> => {
    const heard: Frame[] = [];
    do heard.push(await next());
    while (heard.at(-1)?.type !== type);
    return heard;
  };
  await once(socket, "connect");
  const names = Buffer.from(`user\0${username}\0database\0${pathname.slice(1)}\0\0`);
  socket.write(Buffer.concat([int32(names.length + 8, 196_608), names]));
  await until("R");
  socket.write(say("p", decodeURIComponent(password)));
  await until("Z");
  const tell = (...said: readonly Buffer[]) => void socket.write(Buffer.concat(said));
  return { tell, until, [Symbol.dispose]: () => socket.destroy() };
}

export type Speaker = Awaited<ReturnType<typeof converse>>;
