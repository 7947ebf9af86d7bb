const nobodyVouches = "name the file of its CA in NODE_EXTRA_CA_CERTS";

/** By node's codes, which are those of OpenSSL: what to do about a certificate. */
const remedies: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: nobodyVouches,
  SELF_SIGNED_CERT_IN_CHAIN: nobodyVouches,
  UNABLE_TO_GET_ISSUER_CERT: nobodyVouches,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: nobodyVouches,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: nobodyVouches,
  CERT_HAS_EXPIRED: "renew it",
  CERT_NOT_YET_VALID: "look at the clocks of both",
  ERR_TLS_CERT_ALTNAME_INVALID: "give the name that it was made for",
};

/** Why who answered is not believed, and what to do; null: the error is about something else. */
export function distrustIn(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code = "" } = error as Error & { code?: string };
  const remedy = remedies[code];
  if (remedy === undefined) return distrustIn(error.cause);
  // After it node goes on with an advice of its own.
  const [reason = code] = error.message.split(";");
  return `with a certificate that is not trusted (${reason}): ${remedy}`;
}
