import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { Ingress } from "../harness/wires/ingress/ingress.ts";
import type { Figure } from "./figure.ts";

const requests = 4_000;
const atOnce = 16;

/** Requests through the ingress, compared with the same requests directly to the service. */
export async function ingressFigures(): Promise<Figure[]> {
  const service = createServer((_, response) => response.end('{"reply":"noted"}'));
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(service.address() as AddressInfo).port}`);
  const upstream = { name: "a", url, ready: true };
  await using ingress = await Ingress.open(() => [upstream]);
  const through = await rate(ingress.url, requests);
  const direct = await rate(url, requests);
  service.closeAllConnections();
  service.close();
  return [
    {
      name: "requests through the ingress",
      unit: "requests/s",
      value: through,
      floor: { name: "directly to the service", value: direct },
      budget: null,
    },
  ];
}

/** Requests per second of several concurrent clients. */
export async function rate(origin: URL, requests: number): Promise<number> {
  const pool = new Pool(origin, { connections: atOnce });
  let left = requests;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { statusCode, body } = await pool.request({ path: "/", method: "GET" });
      const said = await body.text();
      if (statusCode !== 200) throw new Error(`${origin.href} answers ${statusCode}: ${said}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  left = requests;
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, client));
  const perSecond = (requests * 1_000) / (performance.now() - began);
  await pool.close();
  return perSecond;
}
