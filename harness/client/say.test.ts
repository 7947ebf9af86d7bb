import { expect, test } from "vitest";
import type { Say } from "../config/dialect.ts";
import { SmallService } from "../../test/support/small-service.ts";

/** A function for a service that templates cannot describe. */
const twoSteps: Say = async ({ url, headers, message, thread, turn, user, signal }) => {
  const options = { method: "POST", headers, signal };
  const offer = await fetch(new URL(`${url.href}/offers`), {
    ...options,
    body: `${user}: ${message}`,
  });
  const { token } = (await offer.json()) as { token: string };
  const answer = await fetch(new URL(`${url.href}/accept/${token}?${turn}`), options);
  if (answer.status === 409) return { refused: "busy" };
  return { reply: await answer.text(), thread: thread ?? "t1", served: "b" };
};

test("a function sends a turn that no template can describe, through the same ingress", async () => {
  await using service = await SmallService.open(
    ({ url }) => (url === "/api/offers" ? '{"token": "s3"}' : "Noted."),
    "/api",
  );
  const user = service.user({ thread: { from: "$.id" }, say: twoSteps });
  expect(user.session.thread).toBeUndefined();
  expect(await user.answer("hello", "r1")).toEqual({
    meaning: { kind: "ok", reply: "Noted." },
    served: "b",
    status: null,
  });
  expect(user.session.thread).toBe("t1");
  const headers = {};
  expect(service.seen).toMatchObject([
    { url: "/api/offers", body: "ann: hello", headers },
    { url: "/api/accept/s3?r1", headers },
  ]);
});

const cases: [what: string, say: Say, meaning: object][] = [
  ["it refuses", async () => ({ refused: "busy" }), { kind: "refused", why: "busy" }],
  [
    "it throws",
    async () => {
      throw new Error("no such host");
    },
    { kind: "unknown", why: "say threw: no such host" },
  ],
  [
    "it throws synchronously",
    () => {
      throw new Error("no such host");
    },
    { kind: "unknown", why: "say threw: no such host" },
  ],
  [
    "it resolves to nothing",
    (async () => undefined) as unknown as Say,
    {
      kind: "unknown",
      why: "say resolved to undefined; it must be { reply } or { refused }, each a string",
    },
  ],
  [
    "it never ends and ignores its signal",
    () => new Promise(() => {}),
    { kind: "unknown", why: "no response within 50 ms" },
  ],
];

test.each(cases)("the outcome of a function is reported if %s", async (_, say, meaning) => {
  await using service = await SmallService.open(() => "");
  expect(await service.user({ say, turnTimeoutMs: 50 }).say()).toEqual(meaning);
});

test("a hang-up stops the wait for a function, and aborts its signal", async () => {
  await using service = await SmallService.open(() => "");
  const aborted = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const say: Say = ({ signal }) => {
    began.resolve();
    signal.addEventListener("abort", () => aborted.resolve());
    return new Promise(() => {});
  };
  const user = service.user({ say });
  const said = user.say();
  await began.promise;
  user.hangUp.abort(new Error("the client hung up"));
  expect(await said).toEqual({ kind: "unknown", why: "the client hung up" });
  await aborted.promise;
});
